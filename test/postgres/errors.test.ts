import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  AuthenticationError,
  ConnectionError,
  ConstraintError,
  DuplicateKeyError,
  entity,
  ForeignKeyError,
  increment,
  integer,
  QueryError,
  Repository,
  SchemaError,
  softDelete,
  text,
  uuid,
} from '../../src/index.js';
import { PostgresDatabase } from '../../src/postgres/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught } from '../setup/outcomes.js';
import { fakeServer, fatal, openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 4 });

const Team = entity('teams', { id: uuid().primaryKey(), name: text().max(20).unique() });
const Member = entity(
  'members',
  {
    id: uuid().primaryKey(),
    teamId: uuid().references('teams', { onDelete: 'restrict' }),
    handle: text().max(30),
    seats: integer().min(0).max(10).default(0),
    ...softDelete(),
  },
  { unique: [['teamId', 'handle']] },
);
await database.ensureSchema([Team, Member]);
const teams = new Repository(database, Team);
const members = new Repository(database, Member);

describe('a server that cannot be used', () => {
  it('refuses the connection: ConnectionError, nothing executed, worth another try', async () => {
    const { port, close } = await fakeServer(() => {});
    await close();
    const away = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', database: 'd' });
    const error = await caught(away.connect());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: true, outcome: 'not-executed', resource: `127.0.0.1:${port}/d` });
    expect(error.message).toContain('ECONNREFUSED');
    await away.close();
  });

  it('has no such host: ConnectionError', async () => {
    const away = new PostgresDatabase({ host: 'no-such-host.invalid', user: 'a', database: 'd' });
    expect(await caught(away.connect())).toBeInstanceOf(ConnectionError);
    await away.close();
  });

  it('closes the connection during the login: ConnectionError', async () => {
    const { port, close } = await fakeServer((socket) => socket.destroy());
    const away = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', database: 'd' });
    expect(await caught(away.connect())).toBeInstanceOf(ConnectionError);
    await away.close();
    await close();
  });

  it('never answers the login: ConnectionError at the end of connectTimeout', async () => {
    const { port, close } = await fakeServer(() => {});
    const away = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', database: 'd', connectTimeout: '50ms' });
    const error = await caught(away.connect());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ outcome: 'not-executed' });
    await away.close();
    await close();
  });

  for (const code of ['28P01', '28000']) {
    it(`refuses the login with ${code}: AuthenticationError, not worth another try`, async () => {
      const { port, close } = await fakeServer((socket) =>
        socket.end(fatal(code, 'password authentication failed for user "a"')),
      );
      const away = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', password: 's3cret', database: 'd' });
      const error = await caught(away.query('select 1'));
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ retryable: false, outcome: 'not-executed' });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
      await away.close();
      await close();
    });
  }

  it('has too many connections: ConnectionError, worth another try', async () => {
    const { port, close } = await fakeServer((socket) => socket.end(fatal('53300', 'sorry, too many clients already')));
    const away = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', database: 'd' });
    expect(await caught(away.connect())).toMatchObject({ code: 'CONNECTION', retryable: true });
    await away.close();
    await close();
  });

  it('has no such database: ConnectionError that says so', async () => {
    const other = new URL(url);
    other.pathname = '/trivet_no_such_database';
    const away = new PostgresDatabase({ url: other.href });
    const error = await caught(away.connect());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('The database does not exist');
    await away.close();
  });
});

describe('a schema that does not fit', () => {
  const Missing = entity('missing_things', { id: uuid().primaryKey(), name: text() });

  it('a missing table: SchemaError that names it and says what to do', async () => {
    const error = await caught(new Repository(database, Missing).count());
    expect(error).toBeInstanceOf(SchemaError);
    expect(error.message).toContain('"missing_things"');
    expect(error.message).toContain('ensureSchema()');
  });

  it('a missing column: SchemaError that names it', async () => {
    await database.query('create table half_things (id uuid primary key)');
    const Half = entity('half_things', { id: uuid().primaryKey(), nickName: text() });
    const error = await caught(new Repository(database, Half).find());
    expect(error).toBeInstanceOf(SchemaError);
    expect(error.message).toContain('nick_name');
  });

  it('a statement of the caller that is wrong: SchemaError or QueryError with the code of the server', async () => {
    expect(await caught(database.query('select * from nowhere'))).toBeInstanceOf(SchemaError);
    const error = await caught(database.query('selec 1'));
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ serverCode: '42601' });
  });
});

describe('rules that the server keeps', () => {
  it('a duplicate names entity, fields and constraint, and no value', async () => {
    await teams.insert({ name: 'secret-team' });
    const error = await caught(teams.insert({ name: 'secret-team' }));
    expect(error).toBeInstanceOf(DuplicateKeyError);
    expect(error).toMatchObject({
      entity: 'teams',
      fields: ['name'],
      constraint: 'teams_name_key',
      outcome: 'not-executed',
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-team');
    expect(error.cause).toMatchObject({ code: '23505', table: 'teams' });
  });

  it('a duplicate of a constraint with a foreign name finds its fields by the columns', async () => {
    await database.query(
      'create table plain_teams (id uuid primary key, name text, constraint odd_name unique (name))',
    );
    const Plain = entity('plain_teams', { id: uuid().primaryKey(), title: text().max(9).column('name') });
    const plain = new Repository(database, Plain);
    await plain.insert({ title: 'a' });
    expect(await caught(plain.insert({ title: 'a' }))).toMatchObject({ fields: ['title'], constraint: 'odd_name' });
  });

  it('a missing parent and a parent still referred to: ForeignKeyError', async () => {
    const error = await caught(members.insert({ teamId: '00000000-0000-4000-8000-000000000000', handle: 'a' }));
    expect(error).toBeInstanceOf(ForeignKeyError);
    expect(error).toMatchObject({ entity: 'members', fields: ['teamId'], constraint: 'members_team_id_fkey' });
    expect(error.message).toBe('A reference of `members` does not hold (`teamId`): there is no such row');
    const team = await teams.insert({ name: 'kept' });
    await members.insert({ teamId: team.id, handle: 'a' });
    expect(await caught(teams.delete(team.id))).toMatchObject({
      entity: 'teams',
      fields: [],
      constraint: 'members_team_id_fkey',
      referrer: 'members',
      message:
        'Rows of `members` refer to this row of `teams` by `members_team_id_fkey`: they have to go first, or to be given an `onDelete`',
    });
    expect(error.referrer).toBeUndefined();
    const inBulk = await caught(teams.bulk([{ insert: { name: 'first' } }, { delete: team.id }]));
    expect(inBulk).toMatchObject({ code: 'FOREIGN_KEY', referrer: 'members' });
  });

  it('a row that others of its own table refer to: ForeignKeyError that tells it from a missing parent', async () => {
    const Node = entity('nodes', { id: integer().primaryKey(), parentId: integer().references('nodes').optional() });
    await database.ensureSchema([Node]);
    const nodes = new Repository(database, Node);
    await nodes.insertMany([{ id: 1 }, { id: 2, parentId: 1 }]);
    expect((await caught(nodes.insert({ id: 3, parentId: 7 }))).referrer).toBeUndefined();
    expect(await caught(nodes.delete(1))).toMatchObject({
      code: 'FOREIGN_KEY',
      referrer: 'nodes',
      fields: ['parentId'],
    });
  });

  it('an operator past a bound: ConstraintError of the field', async () => {
    const team = await teams.insert({ name: 'bounds' });
    const member = await members.insert({ teamId: team.id, handle: 'b', seats: 9 });
    const error = await caught(members.update(member.id, { seats: increment(2) }));
    expect(error).toBeInstanceOf(ConstraintError);
    expect(error).toMatchObject({ fields: ['seats'], constraint: 'members_seats_check' });
  });

  it('a column that must not be null: ConstraintError of the field', async () => {
    await database.query('create table strict_teams (id uuid primary key, name text not null)');
    const Strict = entity('strict_teams', { id: uuid().primaryKey(), title: text().column('name').optional() });
    expect(await caught(new Repository(database, Strict).insert({}))).toMatchObject({
      code: 'CONSTRAINT',
      fields: ['title'],
    });
  });
});

describe('a duplicate among many drafts', () => {
  const draft = (name: string) => ({ name });

  it('tells the position of the first draft in the way of a row that is there', async () => {
    await teams.insertMany(['p1', 'p2'].map(draft));
    expect(await caught(teams.insertMany(['q1', 'p2', 'q1'].map(draft)))).toMatchObject({
      fields: ['name'],
      position: 1,
    });
    expect(await teams.exists({ name: 'q1' })).toBe(false);
  });

  it('tells the position of the draft that repeats another one', async () => {
    expect(await caught(teams.insertMany(['r1', 'r2', 'r1', 'p1'].map(draft)))).toMatchObject({ position: 2 });
  });

  it('tells it in a later chunk, and leaves nothing of the earlier ones', async () => {
    const names = Array.from({ length: 12_000 }, (_, i) => `chunk-${i}`);
    names[11_000] = 'p1';
    const before = await teams.count();
    expect(await caught(teams.insertMany(names.map(draft)))).toMatchObject({ position: 11_000 });
    expect(await teams.count()).toBe(before);
    names[11_000] = 'chunk-again';
    const stored = await teams.insertMany(names.map(draft));
    expect(stored.map((row) => row.name)).toEqual(names);
  });

  it('leaves soft-deleted rows and drafts out of it', async () => {
    const team = await teams.insert({ name: 'soft' });
    const gone = await members.insert({ teamId: team.id, handle: 'x' });
    await members.delete(gone.id);
    const handles = (list: string[]) => list.map((handle) => ({ teamId: team.id, handle }));
    await members.insertMany(handles(['x', 'y']));
    expect(await caught(members.insertMany(handles(['z', 'x'])))).toMatchObject({
      fields: ['teamId', 'handle'],
      position: 1,
    });
  });
});
