// Minutes of ordinary work on a bad network: `npm run soak -- --minutes 5 --seed 7 --only PostgreSQL`. It ends with 1 when anything is left.
import { parseArgs } from 'node:util';
import { TrivetError } from '../../src/index.js';
import { type Leg, randomFrom } from './leg.js';
import { descriptors, type Figures, grown, measure } from './measure.js';
import { mongoLeg } from './mongo.js';
import { postgresLeg } from './postgres.js';
import { redisLeg } from './redis.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    only: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('Expected --minutes to be a number over 0 and --seed to be an integer');
  process.exit(1);
}

const CALLERS = 12;

const unexpected: unknown[] = [];
process.on('uncaughtException', (error) => unexpected.push(error));
process.on('unhandledRejection', (error) => unexpected.push(error));

const starts: Readonly<Record<string, (log: (line: string) => void) => Promise<Leg>>> = {
  PostgreSQL: postgresLeg,
  MongoDB: mongoLeg,
  Redis: redisLeg,
};
const names = Object.keys(starts).filter((name) => values.only === undefined || values.only === name);
const descriptorsBefore = descriptors();
const legs = await Promise.all(names.map((name) => starts[name]!(() => {})));
console.log(`${minutes} minutes on ${names.join(', ')}, seed ${seed}`);

const outcomes = new Map<string, number>();
const count = (leg: Leg, what: string): void => {
  const key = `${leg.name}: ${what}`;
  outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
};

async function callers(leg: Leg, going: () => boolean): Promise<void> {
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, i) => {
      const random = randomFrom(seed * 1_000 + i);
      while (going()) {
        try {
          await leg.work(random);
          count(leg, 'done');
        } catch (error) {
          if (error instanceof TrivetError) count(leg, `${error.code} (${error.outcome})`);
          else if ((error as Error).message === 'the caller gives up') count(leg, 'given up');
          else unexpected.push(error);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    }),
  );
}

async function spell(milliseconds: number, bad: boolean): Promise<void> {
  const until = performance.now() + milliseconds;
  const going = (): boolean => performance.now() < until;
  const random = randomFrom(seed);
  const trouble = async (leg: Leg): Promise<void> => {
    while (bad && going()) {
      await leg.disturb(random);
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 400));
    }
    await leg.heal();
  };
  await Promise.all(legs.flatMap((leg) => [callers(leg, going), trouble(leg)]));
}

/** Good weather until each leg has worked, so that what is measured is a pool at rest. */
async function rest(): Promise<Figures> {
  await spell(3_000, false);
  // Timers of limits that have passed, and connections that were destroyed, are gone when the server says so.
  let figures = await measure(legs);
  for (let i = 0; i < 50 && legs.some((leg) => figures.connections[leg.name]! > leg.maxConnections); i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    figures = await measure(legs);
  }
  return figures;
}

// The first bad spell fills what is filled once: plans, compiled code, connections.
await spell(5_000, true);
const before = await rest();
console.log('before', JSON.stringify(before));
const ends = performance.now() + minutes * 60_000;
while (performance.now() < ends) {
  await spell(Math.min(30_000, Math.max(ends - performance.now(), 1)), true);
  const { heap, descriptors } = await measure(legs);
  console.log(
    `${Math.max(0, Math.round((ends - performance.now()) / 1000))} s left: ${(heap / 2 ** 20).toFixed(1)} MB, ${descriptors} descriptors`,
  );
}
const after = await rest();
console.log('after ', JSON.stringify(after));
for (const [what, times] of [...outcomes].sort()) console.log(`${String(times).padStart(8)}  ${what}`);
await Promise.all(legs.map((leg) => leg.close()));
// Sockets close in their own time.
for (let i = 0; i < 20 && (descriptors() ?? 0) > (descriptorsBefore ?? 0); i++)
  await new Promise((resolve) => setTimeout(resolve, 100));
const left = (descriptors() ?? 0) - (descriptorsBefore ?? 0);
const problems = [
  ...grown(before, after, legs),
  ...(left > 0 ? [`${left} file descriptors are open after the pools were closed`] : []),
  ...unexpected.map((error) => `nobody caught: ${String(error)}`),
];
for (const problem of problems) console.error(`PROBLEM: ${problem}`);
console.log(problems.length === 0 ? 'Everything is back at its base line' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
