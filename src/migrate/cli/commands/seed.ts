import type { SeedReport, SeedResult } from '../../seed/seeder.js';
import type { CommandSpec, Job, Result } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { loadCode } from '../load-code.js';
import type { SeedRunner } from '../parts.js';
import { counted, milliseconds } from '../table.js';

const EXITS = ['done', 'failed', 'usage', 'config', 'interrupted', 'terminated'] as const;

async function seederOf({ target, output, world }: Job): Promise<SeedRunner> {
  const seeder = world.parts.seeder(await target.connected(), {
    seeds: target.source('seeds'),
    load: world.load ?? loadCode,
  });
  seeder.on('progress', (seed, done, total) => output.progress(`seed ${seed}`, done, total));
  return seeder;
}

function ended({ output }: Job, { seeds }: SeedReport): Result {
  for (const each of seeds) {
    output.done(
      `${output.paint('green', '✓')} ${each.name}  ${changesOf(each)}  ${output.paint('dim', milliseconds(each.durationMs))}`,
    );
  }
  if (seeds.length === 0) output.done('There are no seeds');
  return { exit: EXIT.done, data: { seeds }, lines: [] };
}

function changesOf({ inserted, updated, deleted }: SeedResult): string {
  const parts = [
    ...(inserted > 0 ? [`${counted(inserted, 'row')} inserted`] : []),
    ...(updated > 0 ? [`${counted(updated, 'row')} updated`] : []),
    ...(deleted > 0 ? [`${counted(deleted, 'row')} deleted`] : []),
  ];
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

export const SEED: CommandSpec = {
  name: 'seed',
  does: 'fills the database from the seeds',
  about: [
    'Runs the seeds in the order of their names. A seed writes its rows by their keys, so that running it again changes nothing.',
    'Use it on a new database, for development, tests and demonstrations.',
  ],
  argument: null,
  options: ['only'],
  examples: [
    { line: 'npx trivet seed', does: 'runs all seeds' },
    { line: 'npx trivet seed --only users --only posts', does: 'runs these two' },
  ],
  exits: EXITS,
  databases: 'one',
  run: async (job) => {
    const seeder = await seederOf(job);
    return ended(job, await seeder.run({ ...onlyOf(job), signal: job.world.signal }));
  },
};

export const UNDO: CommandSpec = {
  name: 'seed undo',
  does: 'takes the rows of the seeds away again',
  about: ['Deletes the rows that the seeds have, by their keys, in the reverse order. It needs --yes.'],
  argument: null,
  options: ['only', 'yes'],
  examples: [{ line: 'npx trivet seed undo --yes', does: 'deletes the rows of all seeds' }],
  exits: EXITS,
  databases: 'one',
  check: (given) => (given.is('yes') ? null : '`seed undo` deletes rows. Nothing was done: say so with --yes'),
  run: async (job) => {
    const seeder = await seederOf(job);
    return ended(job, await seeder.undo({ ...onlyOf(job), signal: job.world.signal }));
  },
};

function onlyOf({ given }: Job): { readonly only?: readonly string[] } {
  const only = given.texts('only');
  return only.length === 0 ? {} : { only };
}
