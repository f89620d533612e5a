import type { OwnMongo, OwnPostgres, OwnRedis } from 'trivet/testing';
import type { Name, Pools } from './pools.js';

export interface Scene {
  readonly title: string;
  play(): Promise<void>;
}

interface Stage {
  readonly postgres: OwnPostgres;
  readonly mongo: OwnMongo;
  readonly redis: OwnRedis;
  readonly pools: Pools;
}

/** What happens, one after another. Each scene ends when the pools have noticed. */
export function scenes({ postgres, mongo, redis, pools }: Stage): readonly Scene[] {
  const during = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const until = async (name: Name, status: 'up' | 'degraded' | 'down'): Promise<void> => {
    while (pools.lastHealth().checks[name].status !== status) await during(50);
  };
  const scene = (title: string, play: () => Promise<void>): Scene => ({ title, play });
  const ends = async (name: Name): Promise<void> => {
    await until(name, 'down');
    await during(500);
  };
  const returns = async (name: Name): Promise<void> => {
    await until(name, 'up');
    await during(500);
  };
  return [
    scene('All is well', () => during(1_500)),
    scene('PostgreSQL is frozen: it takes connections and says nothing', async () => {
      await postgres.process.freeze();
      await ends('sql');
    }),
    scene('PostgreSQL goes on', async () => {
      await postgres.process.thaw();
      await returns('sql');
    }),
    scene('MongoDB is killed', async () => {
      await mongo.process.kill();
      await ends('docs');
    }),
    scene('MongoDB is back', async () => {
      await mongo.process.restart();
      await returns('docs');
    }),
    scene('Redis is killed', async () => {
      await redis.process.kill();
      await ends('redis');
    }),
    scene('Redis is back', async () => {
      await redis.process.restart();
      await returns('redis');
    }),
    scene('Somebody holds every connection to PostgreSQL', async () => {
      const sql = pools.getPool('sql');
      const slow = Array.from({ length: 4 }, () => sql.query('select pg_sleep(1.5)').catch(() => {}));
      await until('sql', 'degraded');
      await Promise.all(slow);
    }),
    scene('All is well again', () => returns('sql')),
  ];
}
