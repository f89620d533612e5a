import {
  type Database,
  entity,
  increment,
  integer,
  Repository,
  type Resource,
  text,
  timestamps,
  uuid,
} from '../../src/index.js';
import type { FaultProxy } from '../../src/testing/index.js';
import { type Leg, oneOf } from './leg.js';
import { disturb } from './network.js';

export const Item = entity('items', {
  id: uuid().primaryKey(),
  name: text().max(100),
  n: integer().default(0),
  ...timestamps(),
});

interface Served {
  readonly name: string;
  readonly maxConnections: number;
  readonly database: Database & Resource;
  readonly proxy: FaultProxy;
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** What an application does with its repositories, all of it with limits that often end it. */
export function repositoryLeg({ name, maxConnections, database, proxy, connections, close }: Served): Leg {
  const items = new Repository(database as Database<'memory'>, Item);
  const works: readonly ((random: () => number) => Promise<unknown>)[] = [
    (random) => items.find({}, { limit: 20, timeout: limit(random) }),
    (random) => items.insert({ name: `item ${random()}` }, { timeout: limit(random) }),
    async (random) => {
      const some = await items.findOne({}, { timeout: limit(random) });
      if (some !== null) await items.update(some.id, { n: increment(1) }, { timeout: limit(random) });
    },
    (random) =>
      database.transaction(
        async () => {
          const made = await items.insert({ name: 'in a transaction' });
          if (random() < 0.2) throw new Error('the caller gives up');
          await items.update(made.id, { n: 1 });
        },
        { timeout: limit(random), retries: 1 },
      ),
    async (random) => {
      let seen = 0;
      for await (const _row of items.stream({}, { batch: 10, timeout: limit(random) })) if (++seen > 25) break;
    },
    async (random) => {
      const controller = new AbortController();
      const call = items.find({}, { signal: controller.signal });
      setTimeout(() => controller.abort(), random() * 5);
      await call;
    },
    (random) => items.deleteMany({ n: 0, name: 'in a transaction' }, { timeout: limit(random) }),
  ];
  return {
    name,
    maxConnections,
    work: async (random) => void (await oneOf(works, random)(random)),
    disturb: (random) => disturb(proxy, random),
    heal: () => proxy.heal(),
    connections,
    close,
  };
}

function limit(random: () => number): `${number}ms` {
  return `${Math.ceil(5 + random() * 400)}ms`;
}
