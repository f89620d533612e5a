import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Bench, type Effort, isAble } from '../../bench/cache/bench.js';
import { keysOf } from '../../bench/cache/keys.js';
import { main } from '../../bench/cache/main.js';
import { MEASURES } from '../../bench/cache/measures/index.js';
import type { Opened, Peer } from '../../bench/cache/peer.js';
import { bare } from '../../bench/cache/peers/bare.js';
import { PEERS } from '../../bench/cache/peers/index.js';
import { Stress } from '../../bench/cache/stress.js';
import { summaryOf } from '../../bench/cache/summary.js';
import { type Table, tableText } from '../../bench/kit/table.js';

/** As little as there is: what is said here is that all of it works, not how long it takes. */
const TINY: Effort = {
  rounds: 1,
  hits: 4,
  nearHits: 20,
  misses: 2,
  callers: 8,
  stampedes: 1,
  tagged: [20],
  entries: 10,
  nearEntries: 1_000,
  staleReads: 200,
};

const bench = new Bench(inject('redisUrl'), PEERS, TINY);
afterAll(() => bench.close());

describe.each(PEERS.map((peer) => [peer.name, peer] as const))('the cache %s in the bench', (_name, peer) => {
  const ways = [
    { near: false, tags: false },
    { near: false, tags: true },
    { near: true, tags: false },
  ].filter((how) => isAble(peer, how));

  it.each(ways)('does what is measured: $near, $tags', async (how) => {
    const cache = await bench.open(peer, how);
    expect(cache.invalidate !== undefined).toBe(how.tags);
    await cache.close();
  });
});

describe('a cache that does not do what is measured', () => {
  const spoiled = (name: string, spoil: (cache: Opened) => Partial<Opened>): Peer => ({
    ...bare,
    name,
    async open(opening) {
      const cache = await bare.open(opening);
      return { ...cache, ...spoil(cache) };
    },
  });

  it.each([
    spoiled('that loads again on a hit', () => ({ getOrSet: async (_key, load) => load() })),
    spoiled('that gives another value', (cache) => ({
      getOrSet: async (...given) => ({ ...((await cache.getOrSet(...given)) as object), name: 'Bob' }),
    })),
    spoiled('that deletes nothing', () => ({ delete: async () => false })),
    spoiled('that invalidates nothing', () => ({ invalidate: async () => undefined })),
  ])('is refused: one $name', async (peer) => {
    await expect(bench.open(peer, { near: false, tags: true })).rejects.toThrow(/does not do what is measured/);
  });

  it('is refused where it asks the server for what it should have in the process', async () => {
    const peer: Peer = { ...bare, open: (opening) => bare.open({ ...opening, near: false }) };
    await expect(bench.open(peer, { near: true, tags: false })).rejects.toThrow(/keep values in the process/);
  });
});

describe('a measure of the cache', () => {
  const tables = new Map<string, Promise<readonly Table[]>>();

  it.each(MEASURES.map((measure) => [measure.name, measure] as const))(
    'has a figure for each cache, or the reason why there is none: %s',
    async (name, measure) => {
      const running = measure.run(bench);
      tables.set(name, running);
      for (const table of await running) {
        expect(table.rows.map((row) => row.name)).toEqual(PEERS.map((peer) => peer.name));
        for (const { name: row, cells } of table.rows) {
          expect(cells).toHaveLength(table.columns.length);
          const { lacks } = PEERS.find((peer) => peer.name === row)!;
          for (const cell of cells) {
            if (typeof cell === 'string') expect(cell).toMatch(/^(\d[\d.]*( \(\d.*%\)| %| to \d+)?|at once|later)$/);
            else expect(Object.values(lacks)).toContain(cell.missing);
          }
        }
        expect(
          tableText(table)
            .split('\n')
            .filter((line) => line.startsWith('| ')),
        ).toHaveLength(PEERS.length + 2);
      }
    },
  );

  it('is told in the summary', async () => {
    const { columns, rows } = summaryOf((await Promise.all(tables.values())).flat());
    expect(columns).toHaveLength(10);
    expect(rows.map((row) => row.name)).toEqual(PEERS.map((peer) => peer.name));
    for (const { cells } of rows) for (const cell of cells) expect(cell).toBeDefined();
    expect(rows[0]!.cells.slice(0, 5)).toEqual(['1.00', '1.00', '1.00', '1.00', '1.00']);
  });

  it('finds no stale read of trivet, and one load of a stampede over processes', async () => {
    const [stale] = (await tables.get('stale'))!;
    const [stampede] = (await tables.get('stampede'))!;
    const cellsOf = (table: Table) => table.rows.find(({ name }) => name === 'trivet')!.cells;
    expect(cellsOf(stale!).filter((_, i) => i % 2 === 0)).toEqual(['0', '0', '0']);
    expect([cellsOf(stampede!)[2], cellsOf(stampede!)[5]]).toEqual(['1', '1']);
  });

  it('finds the stale reads of a cache that has no protection', async () => {
    const stress = await Stress.open(bench, bare, 'tag, evicted');
    for (let part = 0; part < 100 && stress.counts.stale === 0; part++) await stress.run(500);
    await stress.close();
    expect(stress.counts.stale).toBeGreaterThan(0);
  });

  it('leaves no key behind', async () => {
    const prefix = bench.prefix(bare);
    await bench.client.set(`${prefix}x`, 1);
    await bench.client.set(`{${prefix}y}`, 1);
    await bench.clear();
    const left: string[] = [];
    for await (const keys of keysOf(bench.client, prefix.replace(/_\d+_bare_$/, ''))) left.push(...keys);
    expect(left).toEqual([]);
  });
});

describe('npm run bench -- cache', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  it('prints a table and ends by itself', async () => {
    const args = ['--import', 'tsx', 'bench/run.ts', 'cache', '--quick', '--only', 'l1-hit', '--peers', 'trivet'];
    const env = { ...process.env, REDIS_URL: inject('redisUrl') };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    expect(stdout).toMatch(/^### L1 hit$/m);
    expect(stdout).toMatch(/^\| trivet +\|/m);
    expect(stdout).not.toContain('bentocache');
  });

  it('tells what there is, and what there is not', async () => {
    const said: string[] = [];
    expect(await main(['--help'], (text) => said.push(text))).toBe(0);
    for (const { name } of [...MEASURES, ...PEERS]) expect(said.join('\n')).toContain(name.split(' ')[0]);
    expect(await main(['--only', 'l3-hit'], (text) => said.push(text))).toBe(1);
    expect(said.at(-1)).toMatch(/no measure `l3-hit`.*l1-hit/);
    expect(await main(['--peers', 'none'], (text) => said.push(text))).toBe(1);
    expect(said.at(-1)).toMatch(/no cache `none`.*trivet/);
  });
});
