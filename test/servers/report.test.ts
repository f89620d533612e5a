import { expect, test } from 'vitest';
import type { ServerOrigin } from '../../src/testing/index.js';
import { StepUnavailable } from '../../src/testing/servers/error.js';
import { firstFound, type ServerKind, type ServerStep } from '../../src/testing/servers/report.js';
import { failure } from './helpers.js';

const kind: ServerKind = {
  engine: 'Engine',
  driver: 'engine-driver',
  loadDriver: async () => ({}),
  fixes: ['start one'],
};

const server = { address: 'here:1', version: '1.2' };

function step(origin: ServerOrigin, find: () => Promise<typeof server>): ServerStep<typeof server> {
  return { origin, place: `the ${origin} place`, find };
}

const none = async (): Promise<never> => {
  throw new StepUnavailable('nothing there');
};

test('the first step that has a server wins, and those after it are not tried', async () => {
  const lines: string[] = [];
  const later = async (): Promise<never> => {
    throw new Error('tried in vain');
  };
  const steps = [step('environment', none), step('local', async () => server), step('binary', later)];
  expect(await firstFound(kind, steps, { log: (line) => lines.push(line) })).toEqual({
    found: server,
    origin: 'local',
  });
  expect(lines).toEqual([
    'Engine: environment: the environment place: nothing there',
    expect.stringMatching(/^Engine 1\.2 at here:1 \(local, \d+\.\d\d s\)$/),
  ]);
});

test('a failure that is no reason to go on is thrown as it is', async () => {
  const bug = new TypeError('a bug');
  const steps = [step('local', () => Promise.reject(bug)), step('binary', async () => server)];
  await expect(firstFound(kind, steps, { log: () => {} })).rejects.toBe(bug);
});

test('without the driver each step says so, none is tried, and the remedy is to install it', async () => {
  const loadDriver = () => Promise.reject(new Error('Cannot find package'));
  const steps = [step('local', async () => server), step('embedded', async () => server)];
  const error = await failure(firstFound({ ...kind, loadDriver }, steps, { log: () => {} }));
  expect(error.tried.map(({ reason }) => reason)).toEqual(
    Array(2).fill('the package `engine-driver` is not installed'),
  );
  expect(error.fixes).toEqual(['npm install engine-driver']);
});
