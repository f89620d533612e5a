import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Migrator, type MigratorOptions } from '../../src/migrate/index.js';
import type { PostgresDatabase } from '../../src/postgres/index.js';

export { caught } from '../setup/outcomes.js';

/** A folder of migrations of SQL, and a ledger of its own. Gone when the file is done. */
export class SqlProject {
  readonly folder: string;
  readonly ledger: string;
  static #made = 0;
  static readonly #root: string = mkdtempSync(join(tmpdir(), 'trivet-sql-'));

  static {
    afterAll(() => rmSync(SqlProject.#root, { recursive: true, force: true }));
  }

  constructor() {
    this.ledger = `ledger_${++SqlProject.#made}`;
    this.folder = join(SqlProject.#root, this.ledger);
    mkdirSync(this.folder);
  }

  /** Writes `<version>_m.sql`; the statements end themselves. */
  put(version: number, up: readonly string[], { transaction = true, down = [] as readonly string[] } = {}): string {
    const path = join(this.folder, `${version}_m.sql`);
    const option = transaction ? '' : ' transaction:false';
    writeFileSync(path, `-- migrate:up${option}\n${up.join('\n')}\n-- migrate:down${option}\n${down.join('\n')}\n`);
    return path;
  }

  migrator(
    database: PostgresDatabase,
    options: Partial<MigratorOptions<PostgresDatabase>> = {},
  ): Migrator<PostgresDatabase> {
    return new Migrator(database, { migrations: this.folder, ledger: this.ledger, ...options });
  }
}
