import { fileURLToPath } from 'node:url';
import { MongoDatabase, PostgresDatabase } from 'trivet';
import { diffSchema, Migrator, Seeder } from 'trivet/migrate';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { systemClock } from '../../../examples/06-service/clock.js';
import { prepare } from '../../../examples/06-service/prepare.js';
import { repositoriesOf } from '../../../examples/06-service/repositories.js';
import { DEMO_ADMIN } from '../../../examples/06-service/seeds/_people.js';
import { Accounts } from '../../../examples/06-service/services/accounts.js';
import { mongoDatabase, postgresDatabase } from '../../setup/databases.js';

const folderOf = (path: string) => fileURLToPath(new URL(`../../../examples/06-service/${path}`, import.meta.url));
const postgres = await postgresDatabase();
const mongo = await mongoDatabase();

const engines: Readonly<Record<string, () => PostgresDatabase | MongoDatabase>> = {
  // PGlite has one session: a lock on a connection of its own needs two.
  ...(inject('postgresReal') && { PostgreSQL: () => new PostgresDatabase({ url: postgres.url }) }),
  MongoDB: () => new MongoDatabase({ url: mongo.url, name: mongo.name }),
};

describe.each(Object.keys(engines))('the migrations and the seed of the service on %s', (name) => {
  const database = engines[name]!();
  afterAll(() => database.close());
  const repositories = repositoriesOf(database, database, systemClock);
  const migrator = new Migrator<PostgresDatabase | MongoDatabase>(database, {
    migrations: folderOf(`migrations/${database.engine}`),
  });
  const entities = Object.values(repositories).map(({ entity }) => entity);
  const said: string[] = [];

  test('make exactly what the entities need', async () => {
    await prepare(database, { log: (line) => said.push(line) });
    expect(said[0]).toBe('migrations: users, categories_and_tags, posts, comments_and_likes, events, imports');
    for (const each of Object.values(repositories))
      expect(await each.ensureSchema()).toEqual({ created: [], drift: [] });
    const { changes, questions } = await diffSchema(database, entities);
    expect({ changes, questions }).toEqual({ changes: [], questions: [] });
    expect(await migrator.validate()).toEqual([]);
  });

  test('have nothing to do the second time', async () => {
    const again: string[] = [];
    await prepare(database, { log: (line) => again.push(line) });
    expect(again).toEqual(['migrations: nothing to do', 'seed blog: 0 rows inserted, 0 updated']);
  });

  test('fill a small blog whose admin logs in', async () => {
    const { users, posts, comments, likes, events } = repositories;
    expect(said.at(-1)).toBe('seed blog: 877 rows inserted, 0 updated');
    expect(await users.count({ role: 'admin' })).toBe(1);
    expect(await Promise.all([users, comments, likes, events].map((each) => each.count()))).toEqual([
      24, 120, 200, 400,
    ]);
    expect(await posts.count({ status: 'published' })).toBe(35);
    const accounts = new Accounts(users, systemClock);
    expect((await accounts.logIn(DEMO_ADMIN.email, DEMO_ADMIN.password)).user.role).toBe('admin');
  });

  test('are undone to nothing and done again', async () => {
    await new Seeder<PostgresDatabase | MongoDatabase>(database, { seeds: folderOf('seeds') }).undo();
    expect(await repositories.users.count()).toBe(0);
    await migrator.to('0');
    const { changes } = await diffSchema(database, entities);
    // Nothing is left: each table or collection would have to be made again.
    expect(changes.filter(({ what }) => /^(table|collection) /.test(what))).toHaveLength(entities.length);
    expect((await migrator.up()).steps).toHaveLength(6);
  });
});
