import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { entity, integer, Repository, text } from '../../../src/index.js';
import { startOwnPostgres } from '../../../src/testing/index.js';
import { openedAt } from '../../postgres/kit.js';
import { caught, expectWhole } from './kit.js';

const server = await startOwnPostgres({ log: () => {} });
const database = openedAt(server.url, { max: 2 });
const Page = entity('pages', { id: integer().primaryKey(), body: text().max(100_000) });
const pages = new Repository(database, Page);

/** A disk of eight megabytes, for the user of the server; null without the right to mount one. */
async function smallDisk(): Promise<string | null> {
  const [row] = await database.query<{ data_directory: string }>('show data_directory');
  const { uid, gid } = statSync(row!.data_directory);
  const folder = mkdtempSync(join(tmpdir(), 'trivet-disk-'));
  try {
    const options = `size=8m,uid=${uid},gid=${gid},mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}

const disk = await smallDisk();
afterAll(async () => {
  await database.close();
  await server.stop();
  if (disk === null) return;
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

describe.skipIf(disk === null)(`a disk${disk === null ? ' (a small one needs the right to mount it)' : ''}`, () => {
  it('that is full: QueryError that says so, nothing half stored, reads go on, and writes when there is room', async () => {
    await database.query(`create tablespace small location '${disk}'`);
    await database.query('create table pages (id integer primary key, body text not null) tablespace small');
    // Kept as it is: compressed it would take no room.
    await database.query('alter table pages alter column body set storage plain');
    await database.query('create table ballast tablespace small as select g from generate_series(1, 20000) g');
    const body = 'x'.repeat(7_000);
    const page = (id: number): { id: number; body: string } => ({ id, body });
    let stored = 0;
    let error: unknown = null;
    while (error === null) {
      const batch = Array.from({ length: 50 }, (_, i) => page(stored + i));
      error = await pages.insertMany(batch).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error === null) stored += batch.length;
    }
    expect(error).toMatchObject({ code: 'QUERY', serverCode: '53100', outcome: 'not-executed' });
    expect(stored).toBeGreaterThan(100);
    expect(await pages.count()).toBe(stored);
    // All or nothing: what there was room for of the last ones is not there.
    const failed = await caught(pages.insertMany(Array.from({ length: 500 }, (_, i) => page(100_000 + i))));
    expect(failed).toMatchObject({ serverCode: '53100' });
    expect(await pages.count()).toBe(stored);
    await expectWhole(database);
    await database.query('drop table ballast');
    // The server gives the room back with its next checkpoint.
    await database.query('checkpoint');
    await pages.insertMany([page(-1), page(-2)]);
    expect(await pages.count()).toBe(stored + 2);
    await database.query('drop table pages');
    await database.query('drop tablespace small');
  });
});
