import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createMigration } from '../../create.js';
import type { CommandSpec, Job } from '../command.js';
import { EXIT } from '../exit-codes.js';

type Kind = 'sql' | 'ts' | 'js' | 'mjs';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,99}$/u;

export const CREATE: CommandSpec = {
  name: 'migrate create',
  does: 'writes an empty migration for you to fill',
  about: [
    'Makes a file in the folder of the migrations, whose version is the time. Its kind is SQL on PostgreSQL; on MongoDB it is TypeScript where the project has a tsconfig.json, else JavaScript.',
    'Use it for what `schema diff` cannot know: data that moves, a function, a trigger.',
  ],
  argument: {
    name: 'name',
    required: true,
    means: 'a few words that say what it does, such as `add_users`',
    check: (value) => (NAME.test(value) ? null : 'is no name: use letters, digits, spaces, `_` and `-`'),
  },
  options: ['kind'],
  examples: [
    { line: 'npx trivet migrate create add_users', does: 'a file of SQL with its two sections' },
    { line: 'npx trivet migrate create fill_slugs --kind ts', does: 'one in TypeScript, that has the database' },
  ],
  exits: ['done', 'failed', 'usage', 'config'],
  databases: 'one',
  run: async (job) => {
    const { target, world, given, argument } = job;
    const folder = target.migrationFolder();
    const { engine } = await target.database();
    const kind = (given.text('kind') as Kind | undefined) ?? (engine === 'postgres' ? 'sql' : codeKind(job));
    const file = await createMigration(folder, argument!, { kind, engine });
    return { exit: EXIT.done, data: { file }, lines: [relative(world.cwd, file)] };
  },
};

/** Which language the project is written in. */
export function codeKind({ target, world }: Job): Kind {
  const folder = target.file === null ? world.cwd : dirname(target.file);
  return existsSync(join(folder, 'tsconfig.json')) || (target.file !== null && /\.[mc]?ts$/.test(target.file))
    ? 'ts'
    : 'mjs';
}
