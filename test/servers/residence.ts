import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { mongo, type Residence, sql } from './helpers.js';

/** Asks a PostgreSQL server of ours for its process and folder. */
export async function postgresResidence(url: string): Promise<Residence> {
  const [row] = await sql<{ data: string }>(url, `select current_setting('data_directory') as data`);
  const data = row?.data ?? '';
  return { pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), folder: dirname(data) };
}

export async function mongoResidence(url: string): Promise<Residence> {
  return mongo(url, async (client) => {
    const { pid } = await client.db('admin').command({ serverStatus: 1 });
    const { parsed } = await client.db('admin').command({ getCmdLineOpts: 1 });
    return { pid: Number(pid), folder: dirname(parsed.storage.dbPath) };
  });
}

export async function redisResidence(url: string): Promise<Residence> {
  const client = new Redis(url);
  try {
    const info = await client.info('server');
    const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
    const folder = dirname(/config_file:(.+?)\r/.exec(info)?.[1] ?? '');
    return { pid, folder };
  } finally {
    client.disconnect();
  }
}
