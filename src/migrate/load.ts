import { MigrationFileError } from '../errors/migration.js';
import { compareVersions, VERSION, versionKey } from './define.js';
import { listFiles, readFileOf } from './files.js';
import type { Migration, MigrationDatabase, MigrationWay } from './migration.js';
import type { MigratorSettings } from './options.js';
import { refusalInTransaction } from './outside-transaction.js';
import { splitSql } from './split-sql.js';

/** What is asked of an engine. */
interface Engine {
  readonly database: MigrationDatabase;
  readonly transactional: boolean;
}

/**
 * The migrations, in the order of their versions, ready to run.
 * @throws MigrationFileError with file and line, for what cannot be run as it is written
 */
export async function loadMigrations<D extends MigrationDatabase>(
  { migrations, load }: Pick<MigratorSettings<D>, 'migrations' | 'load'>,
  engine: Engine,
): Promise<readonly Migration<D>[]> {
  if (typeof migrations !== 'string') return inOrder(migrations.map((each) => ready(checkValue(each), engine)));
  const files = await listFiles(migrations);
  refuseTwins(files.map(({ version, path }) => ({ version, file: path })));
  const found: Migration<D>[] = [];
  for (const file of files) found.push(ready(await readFileOf<D>(file, load), engine));
  return inOrder(found);
}

function inOrder<D extends MigrationDatabase>(migrations: readonly Migration<D>[]): readonly Migration<D>[] {
  refuseTwins(migrations);
  return [...migrations].sort((a, b) => compareVersions(a.version, b.version));
}

function refuseTwins(all: readonly { readonly version: string; readonly file: string | null }[]): void {
  const seen = new Map<string, string | null>();
  for (const { version, file } of all) {
    const key = versionKey(version);
    const other = seen.get(key);
    if (other !== undefined) {
      const twin = other === null ? '' : ` (${other})`;
      throw new MigrationFileError(`version ${version} is there twice${twin}: give one of them a later one`, {
        file,
        line: null,
        version,
      });
    }
    if (key === '0')
      throw new MigrationFileError('version 0 means before all migrations: begin with 1', {
        file,
        line: null,
        version,
      });
    seen.set(key, file);
  }
}

function checkValue<D extends MigrationDatabase>(value: Migration<D>): Migration<D> {
  const { version, up, checksum } = (value ?? {}) as Partial<Migration<D>>;
  if (typeof version === 'string' && VERSION.test(version) && up !== undefined && typeof checksum === 'string')
    return value;
  throw new TypeError('Expected `migrations` to be a list of what `migration()` makes');
}

function ready<D extends MigrationDatabase>(migration: Migration<D>, engine: Engine): Migration<D> {
  const { version, file, up, down } = migration;
  const way = (given: MigrationWay<D>): MigrationWay<D> => {
    if (given.kind === 'code') return { ...given, transaction: given.transaction ?? engine.transactional };
    if (engine.database.engine !== 'postgres')
      throw new MigrationFileError('MongoDB knows no SQL: write the migration in code', { file, line: null, version });
    return given;
  };
  const checked = { ...migration, up: way(up), down: down === null ? null : way(down) };
  for (const each of [checked.up, checked.down])
    if (each?.kind === 'sql') checkSql(each, each === checked.up, migration);
  return checked;
}

function checkSql(
  { text, transaction }: { readonly text: string; readonly transaction: boolean },
  isUp: boolean,
  { version, file }: Pick<Migration, 'version' | 'file'>,
): void {
  const statements = splitSql(text, file);
  if (isUp && statements.length === 0)
    throw new MigrationFileError('there is no statement in it yet', { file, line: null, version });
  if (!transaction) return;
  for (const statement of statements) {
    const refusal = refusalInTransaction(statement);
    if (refusal !== null) throw new MigrationFileError(refusal, { file, line: statement.line, version });
  }
}
