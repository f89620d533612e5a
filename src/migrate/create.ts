import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expected, refuseUnknown } from '../core/engine-options.js';
import { type Clock, systemClock } from '../util/clock.js';
import { compareVersions } from './define.js';
import { listFiles } from './files.js';

/** Options of `createMigration`. */
export interface CreateMigrationOptions {
  /** `ts` and the others are code; `js` stands for what the project's package.json says. */
  readonly kind: 'sql' | 'ts' | 'js' | 'mjs';
  /** What the file is for; MongoDB takes no SQL. */
  readonly engine: 'postgres' | 'mongo';
  /** For tests. @default the system's clock */
  readonly now?: Clock | undefined;
}

const KINDS: readonly string[] = ['sql', 'ts', 'js', 'mjs'];
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _-]*$/u;

/**
 * Writes the file of a new migration and gives its path. Its version is the time in UTC, later than every one that is there. The folder is made.
 *
 * @throws TypeError for a wrong option
 * @throws MigrationFileError when the folder holds a file that is nearly a migration
 * @example
 * ```ts
 * import { createMigration } from 'trivet/migrate';
 *
 * async function create() {
 *   return createMigration('migrations', 'add users', { kind: 'sql', engine: 'postgres' });
 * }
 * ```
 */
export async function createMigration(folder: string, name: string, options: CreateMigrationOptions): Promise<string> {
  refuseUnknown(options, new Set(['kind', 'engine', 'now']));
  const { kind, engine, now = systemClock } = options;
  if (typeof folder !== 'string' || folder === '') throw expected('folder', 'the path of a folder', folder);
  if (typeof name !== 'string' || !NAME.test(name.trim()))
    throw expected('name', 'letters, digits, spaces, `_` and `-`', name);
  if (!KINDS.includes(kind)) throw expected('kind', KINDS.map((each) => `'${each}'`).join(' or '), kind);
  if (engine !== 'postgres' && engine !== 'mongo') throw expected('engine', "'postgres' or 'mongo'", engine);
  if (kind === 'sql' && engine === 'mongo')
    throw new TypeError("Expected `kind` to be 'ts', 'js' or 'mjs': MongoDB knows no SQL");
  await mkdir(folder, { recursive: true });
  const slug = name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const path = join(folder, `${await nextVersion(folder, now)}_${slug}.${kind}`);
  // Two that are made at once do not overwrite each other.
  await writeFile(path, kind === 'sql' ? SQL : codeOf(kind, engine), { flag: 'wx' });
  return path;
}

async function nextVersion(folder: string, now: Clock): Promise<string> {
  const time = new Date(now.now()).toISOString().replace(/\D/g, '').slice(0, 14);
  const latest = (await listFiles(folder))
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1);
  return latest === undefined || compareVersions(time, latest) > 0 ? time : (BigInt(latest) + 1n).toString();
}

const SQL = `-- migrate:up


-- migrate:down

`;

function codeOf(kind: 'ts' | 'js' | 'mjs', engine: 'postgres' | 'mongo'): string {
  const database = engine === 'postgres' ? 'PostgresDatabase' : 'MongoDatabase';
  const [types, parameter] =
    kind === 'ts' ? [`import type { ${database} } from 'trivet';\n`, `<${database}>`] : ['', ''];
  const hint =
    engine === 'postgres' ? "await db.query('update …');" : 'await new Repository(db, …).updateMany({ … }, { … });';
  return `${types}import { defineMigration } from 'trivet/migrate';

export default defineMigration${parameter}({
  up: async ({ db }) => {
    // ${hint}
  },
  down: async ({ db }) => {
    //
  },
});
`;
}
