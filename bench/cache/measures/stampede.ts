import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../kit/paired.js';
import { type Cell, rowsOf, type Table } from '../../kit/table.js';
import type { Bench } from '../bench.js';
import { Crowd, LOAD_MS, PROCESSES } from '../crowd.js';
import type { Opened, Peer } from '../peer.js';
import { VALUE } from '../value.js';
import { digits } from './costs.js';
import type { Measure } from './measure.js';

interface Stampede {
  readonly milliseconds: number;
  readonly loads: number;
}

async function one(cache: Opened, key: string, callers: number): Promise<Stampede> {
  let loads = 0;
  const load = async (): Promise<unknown> => {
    loads += 1;
    await delay(LOAD_MS);
    return VALUE;
  };
  const startedAt = performance.now();
  const values = await Promise.all(Array.from({ length: callers }, () => cache.getOrSet(key, load)));
  const milliseconds = performance.now() - startedAt;
  if (values.some((value) => (value as typeof VALUE)['name'] !== VALUE['name']))
    throw new Error('A caller of a stampede got another value');
  return { milliseconds, loads };
}

async function inOneProcess(bench: Bench): Promise<ReadonlyMap<Peer, readonly Stampede[]>> {
  return bench.withAll({ near: false, tags: false }, async (opened) => {
    const taken = new Map<Peer, Stampede[]>(opened.map(({ peer }) => [peer, []]));
    for (let round = -1; round < bench.effort.stampedes; round++) {
      for (const { peer, cache } of opened) {
        const stampede = await one(cache, `cold-${round}`, bench.effort.callers);
        if (round >= 0) taken.get(peer)!.push(stampede);
      }
    }
    return taken;
  });
}

async function inProcesses(bench: Bench): Promise<ReadonlyMap<Peer, readonly Stampede[]>> {
  const taken = new Map<Peer, Stampede[]>(bench.peers.map((peer) => [peer, []]));
  const caches = bench.peers.map((peer) => ({ peer, prefix: bench.prefix(peer) }));
  const callers = Math.ceil(bench.effort.callers / PROCESSES);
  await Crowd.with(bench.url, caches, async (crowd) => {
    for (let round = -1; round < bench.effort.stampedes; round++) {
      for (const peer of bench.peers) {
        const stampede = await crowd.run(peer, `cold-${round}`, callers);
        if (round >= 0) taken.get(peer)!.push(stampede);
      }
    }
  });
  await bench.clear();
  return taken;
}

function cellsOf(taken: readonly Stampede[], first: readonly Stampede[]): readonly Cell[] {
  const loads = taken.map((each) => each.loads);
  const [least, most] = [Math.min(...loads), Math.max(...loads)];
  return [
    digits(median(taken.map(({ milliseconds }) => milliseconds))),
    median(taken.map(({ milliseconds }, i) => milliseconds / first[i]!.milliseconds)).toFixed(2),
    least === most ? `${most}` : `${least} to ${most}`,
  ];
}

export const stampede: Measure = {
  name: 'stampede',
  about: `many callers of one cold key, in one process and in ${PROCESSES}: the time and the number of loads`,
  async run(bench): Promise<readonly Table[]> {
    const alone = await inOneProcess(bench);
    const together = await inProcesses(bench);
    const { callers } = bench.effort;
    const first = bench.peers[0]!;
    return [
      {
        title: 'Stampede',
        about: `${callers} callers of one cold key at once, whose load takes ${LOAD_MS} ms; in one process, and in ${PROCESSES} processes with ${Math.ceil(callers / PROCESSES)} each. The time is that until the last one is served.`,
        columns: ['one process: ms', 'x bare', 'loads', `${PROCESSES} processes: ms`, 'x bare', 'loads'],
        rows: rowsOf(bench.peers, (peer) => [
          ...cellsOf(alone.get(peer)!, alone.get(first)!),
          ...cellsOf(together.get(peer)!, together.get(first)!),
        ]),
      },
    ];
  },
};
