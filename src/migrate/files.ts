import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MigrationFileError } from '../errors/migration.js';
import { whyNotImported, whyUnreadable } from './code-files.js';
import { checksumOf, defineMigration, type MigrationCode } from './define.js';
import type { Migration, MigrationDatabase, MigrationWay, MigrationWork } from './migration.js';
import { readSqlFile } from './sql-file.js';

/** How a file of code is imported; null is by Node. */
export type Load = ((file: string) => Promise<unknown>) | null;

const NAME = /^(\d{1,32})_(.+)\.(sql|ts|mts|cts|js|mjs|cjs)$/;
const LIKE = /^\d.*\.(?:sql|ts|mts|cts|js|mjs|cjs)$|\.sql$/;
const TYPES = /\.d\.[mc]?ts$/;

/** A file of migrations, by its name. */
export interface MigrationFile {
  readonly path: string;
  readonly version: string;
  readonly name: string;
  readonly kind: 'sql' | 'code';
}

/**
 * The migrations of a folder, by their names. Other files may lie beside them.
 * @throws MigrationFileError for a folder that cannot be read, and for a name that is nearly that of a migration
 */
export async function listFiles(folder: string): Promise<readonly MigrationFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const why = whyUnreadable(cause, '; `trivet migrate create` makes it');
    throw new MigrationFileError(why, { file: folder, line: null, version: null, cause });
  });
  return names
    .sort()
    .filter((name) => LIKE.test(name) && !TYPES.test(name))
    .map((file) => {
      const path = join(folder, file);
      const [, version, name, extension] = NAME.exec(file) ?? [];
      if (version === undefined || name === undefined)
        throw new MigrationFileError('expected a name such as `20261126093000_add_users.sql`: digits, `_`, a name', {
          file: path,
          line: null,
          version: null,
        });
      return { path, version, name, kind: extension === 'sql' ? 'sql' : 'code' };
    });
}

/** Reads a file. @throws MigrationFileError when it is no migration */
export async function readFileOf<D extends MigrationDatabase>(
  { path, version, name, kind }: MigrationFile,
  load: Load,
): Promise<Migration<D>> {
  const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  const checksum = checksumOf(text);
  const ways = kind === 'sql' ? readSqlFile(text, path) : await codeOf<D>(path, version, checksum, load);
  return { version, name, ...ways, checksum, file: path };
}

async function codeOf<D extends MigrationDatabase>(
  path: string,
  version: string,
  checksum: string,
  load: Load,
): Promise<{ readonly up: MigrationWay<D>; readonly down: MigrationWay<D> | null }> {
  const module = await importOf(path, version, checksum, load);
  try {
    const { up, down, transaction = null } = defineMigration<D>(exported<D>(module));
    const way = (work: MigrationWork<D>): MigrationWay<D> => ({ kind: 'code', work, transaction });
    return { up: way(up), down: down === undefined ? null : way(down) };
  } catch (cause) {
    const message = `${(cause as Error).message}. Expected \`export default defineMigration({ up, down })\`, or the exports \`up\`, \`down\` and \`transaction\``;
    throw new MigrationFileError(message, { file: path, line: null, version, cause });
  }
}

async function importOf(path: string, version: string, checksum: string, load: Load): Promise<unknown> {
  try {
    if (load !== null) return await load(path);
    const url = pathToFileURL(path);
    // Node keeps modules by their address: one that was edited is another.
    url.search = checksum.slice(0, 16);
    return await import(/* @vite-ignore */ url.href);
  } catch (cause) {
    throw new MigrationFileError(whyNotImported(cause, path), { file: path, line: null, version, cause });
  }
}

/** What a module exports, whatever it was built to: a default export, or names. */
function exported<D extends MigrationDatabase>(module: unknown): MigrationCode<D> {
  let found = module as { readonly default?: unknown } | null | undefined;
  // CommonJS built from a module has its default export one deeper.
  for (let depth = 0; depth < 2; depth++) {
    const inner = found?.default;
    if (typeof inner !== 'object' || inner === null) break;
    found = inner as { readonly default?: unknown };
  }
  const { up, down, transaction } = (found ?? {}) as Partial<MigrationCode<D>>;
  const given = found === null || found === undefined ? {} : found;
  // A module may export helpers beside its names; a default export is a migration and nothing else.
  if (given === module || '__esModule' in given)
    return {
      up: up as MigrationWork<D>,
      ...(down !== undefined && { down }),
      ...(transaction !== undefined && { transaction }),
    };
  return given as MigrationCode<D>;
}
