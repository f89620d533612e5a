import { beforeAll, describe, expect, test } from 'vitest';
import { compile, type Diagnosed } from './compiler.js';
import { baseCases } from './refused-base.js';
import { entityCases } from './refused-entity.js';
import { httpCases } from './refused-http.js';
import { listCases } from './refused-list.js';
import { onlyCases } from './refused-only.js';
import { poolCases } from './refused-pools.js';
import { relationCases } from './refused-relations.js';
import { repositoryCases } from './refused-repository.js';
import { seedCases } from './refused-seeds.js';
import { writeCases } from './refused-writes.js';

/** Every case and its twin is a function of its own in one program: the twin proves that nothing else is wrong. */
const PRELUDE = `
import {
  addToSet, and, anyOf, belongsTo, belongsToMany, bigint, bigserial, binary, boolean, bucket, CacheManager, ConnectionPoolManager, contains, count, date, decimal, each, endsWith, entity, enumOf, eq, fenced, geoPoint, gt, gte, has, hasAll, hasAny, hasMany, hasOne, increment, index, integer, isNotNull, isNull, json, list, lt, manyToMany, max, maximum, MemoryDatabase, MemoryStore, minimum, MongoRepository, PostgresRepository, MongoDatabase, PostgresDatabase, sql, ne, not, object, objectId, or, parseListQuery, pull, push, real, Repository, serial, softDelete, startsWith, sum, text, timestamp, timestamps, uuid, versioned,
  type Change, type Database, type EntityWith, type GeoPoint, type Id, type Insert, type Patch, type Row, type Supports, type AnyEntity, type Where,
} from 'trivet';
import { httpCache, liveness, problem, problemOf, readiness } from 'trivet/http';
import { defineSeed, factory, type Seeder } from 'trivet/migrate';
import { Event, Ledger, Post, PostTag, Shop, Task, User } from './entities.js';
declare const users: Repository<typeof User>;
declare const posts: Repository<typeof Post>;
declare const tasks: Repository<typeof Task>;
declare const postTags: Repository<typeof PostTag>;
declare const postgres: Database<'postgres'>;
declare const mongo: Database<'mongo'>;
declare const sqlUsers: PostgresRepository<typeof User>;
declare const mongoUsers: MongoRepository<typeof User>;
declare const sqlDatabase: PostgresDatabase;
declare const mongoDatabase: MongoDatabase;
declare const cache: CacheManager;
declare const pools: ConnectionPoolManager<{ sql: PostgresDatabase; docs: MongoDatabase }>;
const portable: Repository<typeof User>[] = [sqlUsers, mongoUsers];
declare const user: Row<typeof User>;
declare const point: GeoPoint;
declare const draft: Insert<typeof User>;
const id = uuid().primaryKey();
`;

const cases = [
  ...entityCases,
  ...repositoryCases,
  ...relationCases,
  ...listCases,
  ...writeCases,
  ...onlyCases,
  ...poolCases,
  ...httpCases,
  ...seedCases,
  ...baseCases,
];
const file = (kind: 'bad' | 'good', i: number) => `refused-${kind}-${i}.ts`;

let program: Diagnosed;

beforeAll(() => {
  const files: Record<string, string> = {};
  cases.forEach(({ code, twin }, i) => {
    files[file('bad', i)] = `${PRELUDE}export async function it() {\n${code}\n}\n`;
    files[file('good', i)] = `${PRELUDE}export async function it() {\n${twin}\n}\n`;
  });
  program = compile(files);
});

describe('does not compile', () => {
  test.each(cases.map((each, i) => ({ ...each, i })))('$name', ({ message, i }) => {
    const errors = program.errorsOf(file('bad', i));
    expect(errors, 'the code compiles').not.toEqual([]);
    expect(errors.join('\n')).toContain(message);
    expect(program.errorsOf(file('good', i)), 'its twin does not compile').toEqual([]);
  });
});

test('each case has a name of its own', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});
