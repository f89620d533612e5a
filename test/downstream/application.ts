import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Compiler, compile } from '../package/compile.js';
import { root, run } from '../package/packed.js';
import { mongoDatabase, postgresDatabase, redisPrefix } from '../setup/databases.js';
import { APPS, type AppName } from './checks.js';

/** Copies the applications into a project, out of this workspace: what they import is looked up from there. */
export async function copyApps(folder: string): Promise<void> {
  for (const name of APPS) {
    await cp(join(root, 'test', 'downstream', 'apps', name), join(folder, name), { recursive: true });
  }
}

/** The program of an application: the service is emitted by its compiler, the script is as it was written. */
const PROGRAMS: Readonly<Record<AppName, string>> = { service: 'dist/main.js', script: 'main.js' };

/** Compiler options of an application, beside its own. */
export type Settings = Readonly<Record<string, string | boolean>>;

/** Compiles an application as it says, or type-checks it with other settings. */
export async function build(folder: string, name: AppName, compiler?: Compiler, settings?: Settings): Promise<void> {
  if (settings === undefined) return compile(folder, { project: name, compiler });
  const config = join(name, `tsconfig.${Object.values(settings).join('-')}.json`);
  const compilerOptions = { noEmit: true, ...settings };
  await writeFile(join(folder, config), JSON.stringify({ extends: './tsconfig.json', compilerOptions }));
  return compile(folder, { project: config, compiler });
}

/** A misspelled field, as each application would write it: in a base class with a type parameter, and in plain JavaScript. */
const WRONG: Readonly<Record<AppName, { readonly file: string; readonly text: string }>> = {
  service: {
    file: 'src/wrong.ts',
    text: `import { type TenantEntity, TenantRepository } from './tenant-repository.js';
      export abstract class Wrong<E extends TenantEntity> extends TenantRepository<E> {
        all() { return this.find({ tennant: 'x' }); }
      }`,
  },
  script: {
    file: 'wrong.js',
    text: `const { MemoryDatabase, Repository } = require('trivet');
      const { Reading } = require('./entities.js');
      new Repository(new MemoryDatabase(), Reading).find({ celsuis: 1 });`,
  },
};

/** What a compiler says of it, and of nothing else. */
export const REFUSED: RegExp = /wrong\.[jt]s\(\d+,\d+\): error TS2\d{3}: .*(?:tennant|celsuis)/;

/** Compiles an application with a mistake in it, so that it is seen that a compiler looks. */
export async function buildWrongly(folder: string, name: AppName, compiler?: Compiler): Promise<void> {
  const { file, text } = WRONG[name];
  const path = join(folder, name, file);
  await writeFile(path, text);
  try {
    await build(folder, name, compiler, { declaration: false });
  } finally {
    await rm(path);
  }
}

/** Where an application of one run stores, empty. To be called where tests are described. */
export async function servers(): Promise<Readonly<Record<string, string>>> {
  const [postgres, mongo, redis] = [await postgresDatabase(), await mongoDatabase(), await redisPrefix()];
  return {
    POSTGRES_URL: postgres.url,
    MONGO_URL: mongo.url,
    REDIS_STORE_URL: inject('redisUrl'),
    KEY_PREFIX: redis.prefix.replace(/:$/, ''),
  };
}

/** Runs an application; what it printed. */
export async function start(
  folder: string,
  name: AppName,
  environment: Readonly<Record<string, string>>,
  node: string = process.execPath,
): Promise<unknown> {
  const { stdout } = await run(node, [PROGRAMS[name]], join(folder, name), environment);
  return JSON.parse(stdout);
}

/** The version of a package that a project has. */
export async function versionIn(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
