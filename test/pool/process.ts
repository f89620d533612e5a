// A process with a manager, for the tests of signals: `url`, then `work` for a call in flight, `hang` for a drain that never ends, `fail` for one
// that fails, `tell` for one that tells its readiness, `close` for one that closes by itself and has nothing left to do.
import { ConnectionPoolManager, PostgresDatabase } from '../../src/index.js';

const [url = '', what = 'idle'] = process.argv.slice(2);
const sql = new PostgresDatabase({ url, name: 'a process' });
const pools = await new ConnectionPoolManager({ sql }).connect();
const drains: Readonly<Record<string, () => unknown>> = {
  hang: () => new Promise(() => {}),
  fail: () => Promise.reject(new Error('no')),
  tell: async () => console.log(`${(await pools.readiness()).reason}, closing: ${pools.liveness().closing}`),
};
const stop = pools.shutdownOn(['SIGTERM', 'SIGINT'], { deadline: '100ms', drain: drains[what] });
pools.on('closed', () => console.log('closed'));
if (what === 'work') {
  sql.query('select pg_sleep(600)').catch(({ code, outcome }) => console.log(`${code} ${outcome}`));
}
if (what === 'taken back') {
  stop();
}
// Signals alone keep no process alive.
if (what !== 'close') setInterval(() => {}, 60_000);
console.log('ready');
if (what === 'close') {
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.unref();
  await pools.close();
}
