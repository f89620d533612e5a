import { describe, expect, inject, it } from 'vitest';
import { entity, index, integer, list, softDelete, text, timestamps, uuid } from '../../../src/index.js';
import { diffSchema } from '../../../src/migrate/diff/diff-schema.js';
import { openedAt, until } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { gate } from '../../setup/outcomes.js';
import { differs, down, FITS, risks, up, whats } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 4 });
const real = inject('postgresReal');

const id = uuid().primaryKey();
const uuids = 'gen_random_uuid()';

const Author = entity('shop.authors', { id, name: text().max(50).unique(), ...softDelete() });
const Book = entity(
  'shop.books',
  {
    id,
    authorId: uuid().references('shop.authors', { onDelete: 'cascade' }),
    title: text().max(50),
    tags: list(text().max(20)),
    ...timestamps(),
  },
  { indexes: [index('tags'), index({ createdAt: 'desc' })], search: { title: 'A' } },
);

async function constraints(table: string): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    'select conname::text as name from pg_constraint where conrelid = $1::regclass order by 1',
    [table],
  );
  return rows.map(({ name }) => name);
}

describe('diffSchema() on PostgreSQL', () => {
  it('makes new tables plainly, in one transaction, with their foreign keys behind them', async () => {
    const diff = await diffSchema(database, [Book, Author]);
    expect(whats(diff)).toEqual([
      'create schema shop',
      'create table shop.books',
      'create table shop.authors',
      'create foreign key books_author_id_fkey',
    ]);
    expect(diff.changes.every(({ transaction }) => transaction)).toBe(true);
    expect(risks(diff)).toEqual([]);
    await up(database, diff.changes);
    expect(await diffSchema(database, [Book, Author])).toEqual({ ...FITS, foreign: [] });
    expect(await database.ensureSchema([Book, Author])).toEqual({ created: [], drift: [] });
    await down(database, diff.changes);
    expect(await diffSchema(database, [Book, Author])).toEqual(diff);
  });

  it('finds nothing in what ensureSchema() made, and leaves nothing behind', async () => {
    await database.ensureSchema([Book, Author]);
    const objects = () =>
      database.query("select relname, relnamespace, relfilenode from pg_class where relname !~ '^pg_' order by oid");
    const before = await objects();
    expect(await diffSchema(database, [Book, Author])).toEqual({ ...FITS, foreign: [] });
    expect(await objects()).toEqual(before);
  });

  it('joins the transaction that it is called in', async () => {
    const Inside = entity('inside', { id });
    await database.transaction(async () => {
      await database.query('create table inside (id uuid primary key)');
      expect(await differs(database, [Inside])).toEqual(FITS);
      expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    });
  });

  it('drops nothing that is not ours, and says what there is', async () => {
    await database.query(
      `create table theirs (id uuid primary key, mine text, filled text not null, constraint odd check (mine <> ''), refers uuid references theirs (id))`,
    );
    await database.query('create index by_mine on theirs (mine)');
    await database.query('create unique index once on theirs (id) where mine is null');
    await database.query('create index by_id on theirs (id, (id::text))');
    const Theirs = entity('theirs', { id });
    const { changes, foreign, questions } = await diffSchema(database, [Theirs]);
    expect({ changes, questions }).toEqual(FITS);
    expect(foreign).toEqual([
      'Index by_id of theirs belongs to no entity.',
      'Column theirs.mine is no field; `drop` takes it away.',
      'Column theirs.filled is no field, refuses null and has no default: inserts will fail; `drop` takes it away.',
      'Column theirs.refers is no field; `drop` takes it away.',
    ]);
    const dropping = await diffSchema(database, [Theirs], { drop: true });
    expect(whats(dropping)).toEqual(['drop columns theirs.mine, theirs.filled, theirs.refers']);
    await up(database, dropping.changes);
    const left = await database.query(
      "select indexname::text as name from pg_indexes where tablename = 'theirs' order by 1",
    );
    expect(left).toEqual([{ name: 'by_id' }, { name: 'theirs_pkey' }]);
    await down(database, dropping.changes);
    expect(await constraints('theirs')).toEqual(['odd', 'theirs_pkey', 'theirs_refers_fkey']);
    expect((await diffSchema(database, [Theirs])).foreign).toHaveLength(4);
  });

  it('asks whether a column was renamed, and takes no for an answer', async () => {
    const Old = entity('asked', { id, name: text(), age: integer().optional() });
    const New = entity('asked', { id, fullName: text(), age: integer().optional() });
    await database.ensureSchema([Old]);
    const diff = await diffSchema(database, [New]);
    expect(diff.questions).toEqual([{ from: 'asked.name', to: ['asked.full_name'] }]);
    expect(whats(diff)).toEqual(['create column asked.full_name', 'alter column asked.full_name']);
    const no = await diffSchema(database, [New], { renames: { 'asked.name': 'asked.name' } });
    expect(no.questions).toEqual([]);
    const yes = await diffSchema(database, [New], { renames: { 'asked.name': 'asked.full_name' } });
    expect(whats(yes)).toEqual(['rename column asked.name to full_name']);
    expect(yes.questions).toEqual([]);
    // What was answered once may be asked again in the next deployment.
    await up(database, yes.changes);
    expect(await differs(database, [New], { renames: { 'asked.name': 'asked.full_name' } })).toEqual(FITS);
  });

  it('asks whether a table was renamed, and renames it with all that is named after it', async () => {
    const fields = { id, name: text().max(9).unique(), bossId: uuid().optional() };
    const Old = entity(
      'people',
      { ...fields, bossId: uuid().references('people').optional() },
      { indexes: [index('bossId')] },
    );
    const New = entity(
      'staff.members',
      { ...fields, bossId: uuid().references('staff.members').optional() },
      { indexes: [index('bossId')] },
    );
    const Here = entity(
      'members',
      { ...fields, bossId: uuid().references('members').optional() },
      { indexes: [index('bossId')] },
    );
    await database.ensureSchema([Old]);
    await database.query(`insert into people values (${uuids}, 'Ann', null)`);
    expect((await diffSchema(database, [Here])).questions).toEqual([{ from: 'people', to: ['members'] }]);
    const diff = await diffSchema(database, [New], { renames: { people: 'staff.members' } });
    expect(diff.questions).toEqual([]);
    expect(whats(diff)).toEqual([
      'create schema staff',
      'rename table people to staff.members',
      'rename check people_name_check to members_name_check',
      'rename key people_pkey to members_pkey',
      'rename index people_name_key to members_name_key',
      'rename index people_boss_id_idx to members_boss_id_idx',
      'rename foreign key people_boss_id_fkey to members_boss_id_fkey',
    ]);
    expect(risks(diff)).toEqual(['breaks-readers']);
    await up(database, diff.changes);
    expect(await diffSchema(database, [New])).toEqual({ ...FITS, foreign: [] });
    expect(await database.ensureSchema([New])).toEqual({ created: [], drift: [] });
    await down(database, diff.changes);
    expect(await diffSchema(database, [Old])).toEqual({ ...FITS, foreign: [] });
  });

  it('renames a key that others refer to, and gives the way back of other changes the names of then', async () => {
    const Old = entity('r_parents', { id, name: text().max(5) });
    const OldChild = entity('r_children', { id, parentId: uuid().references('r_parents') });
    const New = entity('r_parents', { key: uuid().primaryKey(), title: text().max(9) });
    const NewChild = entity('r_children', { id, ownerId: uuid().references('r_parents', { onDelete: 'cascade' }) });
    await database.ensureSchema([Old, OldChild]);
    const renames = {
      'r_parents.id': 'r_parents.key',
      'r_parents.name': 'r_parents.title',
      'r_children.parent_id': 'r_children.owner_id',
    };
    const diff = await diffSchema(database, [New, NewChild], { renames });
    expect(whats(diff).slice(-2)).toEqual([
      'alter check r_parents_title_check',
      'alter foreign key r_children_owner_id_fkey',
    ]);
    await up(database, diff.changes);
    expect(await diffSchema(database, [New, NewChild])).toEqual({ ...FITS, foreign: [] });
    await down(database, diff.changes);
    expect(await diffSchema(database, [Old, OldChild])).toEqual({ ...FITS, foreign: [] });
  });

  it('adds, changes and takes away foreign keys, proved after they are added', async () => {
    const Parent = entity('f_parents', { id });
    const Bare = entity('f_children', { id, parentId: uuid().optional() });
    const With = entity('f_children', { id, parentId: uuid().optional().references('f_parents') });
    const Other = entity('f_children', {
      id,
      parentId: uuid().optional().references('f_parents', { onDelete: 'set null' }),
    });
    await database.ensureSchema([Parent, Bare]);
    const added = await diffSchema(database, [Parent, With]);
    expect(added.changes).toMatchObject([
      {
        what: 'foreign key f_children_parent_id_fkey',
        action: 'create',
        transaction: false,
        up: [/ not valid$/, /validate constraint/].map((each) => expect.stringMatching(each)),
      },
    ]);
    await up(database, added.changes);
    expect(await diffSchema(database, [Parent, With])).toEqual({ ...FITS, foreign: [] });
    const changed = await diffSchema(database, [Parent, Other]);
    expect(whats(changed)).toEqual(['alter foreign key f_children_parent_id_fkey']);
    await up(database, changed.changes);
    expect(await diffSchema(database, [Parent, Other])).toEqual({ ...FITS, foreign: [] });
    const gone = await diffSchema(database, [Parent, Bare]);
    expect(whats(gone)).toEqual(['drop foreign key f_children_parent_id_fkey']);
    await up(database, gone.changes);
    expect(await diffSchema(database, [Parent, Bare])).toEqual({ ...FITS, foreign: [] });
    for (const { changes } of [gone, changed, added]) await down(database, changes);
    expect(await diffSchema(database, [Parent, Bare])).toEqual({ ...FITS, foreign: [] });
  });

  it('changes the type on both sides of a foreign key', async () => {
    const pair = (key: ReturnType<typeof text> | ReturnType<typeof uuid>) => [
      entity('t_parents', { id: key.primaryKey() }),
      entity('t_children', { id, parentId: key.references('t_parents') }),
    ];
    const [old, fresh] = [pair(uuid()), pair(text().max(40))];
    await database.ensureSchema(old);
    await database.query(
      `with p as (insert into t_parents values (${uuids}) returning id) insert into t_children select ${uuids}, id from p`,
    );
    const diff = await diffSchema(database, fresh);
    expect(whats(diff)[0]).toBe('drop foreign key t_children_parent_id_fkey');
    expect(whats(diff).at(-1)).toBe('create foreign key t_children_parent_id_fkey');
    await up(database, diff.changes);
    expect(await diffSchema(database, fresh)).toEqual({ ...FITS, foreign: [] });
    await down(database, diff.changes);
    expect(await diffSchema(database, old)).toEqual({ ...FITS, foreign: [] });
  });

  it('lets a foreign key go before the type of its column, which comes back with it', async () => {
    const Parent = entity('g_parents', { id });
    const Child = entity('g_children', { id, parentId: uuid().references('g_parents') });
    const Loose = entity('g_children', { id, parentId: text() });
    await database.ensureSchema([Parent, Child]);
    const diff = await diffSchema(database, [Parent, Loose]);
    expect(whats(diff)).toEqual(['drop foreign key g_children_parent_id_fkey', 'alter column g_children.parent_id']);
    await up(database, diff.changes);
    expect(await diffSchema(database, [Parent, Loose])).toEqual({ ...FITS, foreign: [] });
    await down(database, diff.changes);
    expect(await diffSchema(database, [Parent, Child])).toEqual({ ...FITS, foreign: [] });
  });

  it('drops a table only by its name, and makes it again on the way back', async () => {
    await database.query(
      `create table to_go (id bigint generated always as identity primary key, refers bigint references to_go (id),
        name varchar(9) default 'it''s', twice text generated always as (name || name) stored, unique (name))`,
    );
    await database.query("comment on column to_go.name is 'it''s a name'");
    await database.query('create index to_go_lower on to_go (lower(name)) where refers is null');
    const described = () =>
      database.query(
        `select a.attname::text, format_type(a.atttypid, a.atttypmod), a.attidentity::text, a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid) as value,
         col_description(a.attrelid, a.attnum) as comment, array(select pg_get_constraintdef(c.oid) from pg_constraint c where c.conrelid = a.attrelid order by 1) as rules,
         array(select i.indexdef from pg_indexes i where i.tablename = 'to_go' order by 1) as indexes
       from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = 'to_go'::regclass and a.attnum > 0 order by a.attname`,
      );
    const before = await described();
    const Kept = entity('kept', { id });
    await database.ensureSchema([Kept]);
    expect(await diffSchema(database, [Kept], { drop: true })).toEqual({ ...FITS, foreign: [] });
    const diff = await diffSchema(database, [Kept], { dropTables: ['to_go', 'never_was'] });
    expect(whats(diff)).toEqual(['drop table to_go']);
    expect(risks(diff)).toEqual(['breaks-readers', 'destroys']);
    await up(database, diff.changes);
    expect(await database.query("select to_regclass('to_go') as oid")).toEqual([{ oid: null }]);
    await down(database, diff.changes);
    expect(await described()).toEqual(before);
  });

  it('proves what somebody added and did not prove', async () => {
    const Parent = entity('p_parents', { id });
    const Child = entity('p_children', { id, name: text().max(5), parentId: uuid().references('p_parents') });
    await database.query('create table p_parents (id uuid primary key)');
    await database.query(
      'create table p_children (id uuid primary key, name text collate "C" not null, parent_id uuid not null)',
    );
    await database.query(
      'alter table p_children add constraint p_children_name_check check (char_length(name) <= 5) not valid',
    );
    await database.query(
      'alter table p_children add constraint p_children_parent_id_fkey foreign key (parent_id) references p_parents (id) on delete restrict not valid',
    );
    const diff = await diffSchema(database, [Parent, Child]);
    expect(diff.changes.map(({ up: steps }) => steps)).toEqual([
      ['alter table "p_children" validate constraint "p_children_name_check"'],
      ['alter table "p_children" validate constraint "p_children_parent_id_fkey"'],
    ]);
    await up(database, diff.changes);
    expect(await diffSchema(database, [Parent, Child])).toEqual({ ...FITS, foreign: [] });
    await down(database, diff.changes);
    expect(await diffSchema(database, [Parent, Child])).toEqual(diff);
  });

  it('makes an index again that a failed build left behind', async () => {
    const Once = entity('only_once', { id, name: text().max(9).unique() });
    await database.query('create table only_once (id uuid primary key, name text collate "C" not null)');
    await database.query('alter table only_once add constraint only_once_name_check check (char_length(name) <= 9)');
    await database.query(`insert into only_once values (${uuids}, 'a'), (${uuids}, 'a')`);
    const first = await diffSchema(database, [Once]);
    await expect(up(database, first.changes)).rejects.toMatchObject({ code: 'DUPLICATE_KEY' });
    const again = await diffSchema(database, [Once]);
    expect(again.changes[0]!.up[0]).toBe('drop index concurrently "only_once_name_key"');
    await database.query('delete from only_once');
    await up(database, again.changes);
    expect(await diffSchema(database, [Once])).toEqual({ ...FITS, foreign: [] });
  });

  it.skipIf(!real)('waits for an index that somebody builds', async () => {
    const Built = entity('built', { id, n: integer() }, { indexes: [index('n')] });
    const Bare = entity('built', { id, n: integer() });
    const other = openedAt(url, { max: 3 });
    await database.ensureSchema([Bare]);
    const [wrote, finish] = [gate(), gate()];
    const writer = other.transaction(async () => {
      await other.query(`insert into built values (${uuids}, 1)`);
      wrote.open();
      await finish.opened;
    });
    await wrote.opened;
    const work = other.query('create index concurrently built_n_idx on built (n nulls first)');
    const building =
      "select 1 from pg_stat_progress_create_index where relid = 'built'::regclass and phase like 'waiting%'";
    await until(async () => (await database.query(building)).length > 0);
    expect(await diffSchema(database, [Built])).toEqual({
      ...FITS,
      foreign: ['Index built_n_idx of built is being built just now: look again when it is done.'],
    });
    finish.open();
    await Promise.all([writer, work]);
    // It is another one than what is wanted, which never has a null.
    expect(whats(await diffSchema(database, [Built]))).toEqual(['alter index built_n_idx']);
  });

  it('takes an index of another name for what it is, and a unique set that is none any more for what it does', async () => {
    await database.query(
      'create table other_names (id uuid primary key, a text collate "C" not null, b bigint not null)',
    );
    await database.query('alter table other_names add constraint other_names_a_check check (char_length(a) <= 9)');
    await database.query(
      'alter table other_names add constraint other_names_b_check check (b between -9007199254740991 and 9007199254740991)',
    );
    await database.query('create unique index odd_a on other_names (a)');
    await database.query('create index odd_b on other_names (b)');
    const Marked = entity('other_names', { id, a: text().max(9).unique(), b: integer() }, { indexes: [index('b')] });
    expect(await diffSchema(database, [Marked])).toEqual({ ...FITS, foreign: [] });
    await database.query('alter index odd_a rename to other_names_a_key');
    const Plain = entity('other_names', { id, a: text().max(9), b: integer() });
    expect(await diffSchema(database, [Plain])).toEqual({
      ...FITS,
      foreign: [
        'Index odd_b of other_names belongs to no entity.',
        'Index other_names_a_key of other_names belongs to no entity. It refuses rows that are equal in what it is about; `drop` takes it away.',
      ],
    });
    const dropping = await diffSchema(database, [Plain], { drop: true });
    expect(dropping.changes).toMatchObject([
      { up: ['drop index concurrently "other_names_a_key"'], transaction: false },
    ]);
  });

  it('goes on where making a column refuse null was left half-way', async () => {
    const Half = entity('half', { id, name: text() });
    await database.query('create table half (id uuid primary key, name text collate "C")');
    await database.query(`insert into half values (${uuids}, null)`);
    const first = await diffSchema(database, [Half]);
    await expect(up(database, first.changes)).rejects.toMatchObject({ code: 'CONSTRAINT' });
    await database.query("update half set name = ''");
    await up(database, (await diffSchema(database, [Half])).changes);
    expect(await diffSchema(database, [Half])).toEqual({ ...FITS, foreign: [] });
    expect(await constraints('half')).toEqual(['half_pkey']);
  });

  it('tells of a reference to a table that nobody makes', async () => {
    const Orphan = entity('orphans', { id, parentId: uuid().references('nowhere') });
    const diff = await diffSchema(database, [Orphan]);
    expect(diff.changes[1]!.warnings).toEqual([
      { risk: 'may-fail', message: expect.stringContaining('there is no table nowhere') },
    ]);
  });

  it('builds an index on a partitioned table in the one way that it knows', async () => {
    await database.query('create table parts (id uuid not null, n bigint not null) partition by hash (id)');
    await database.query('create table parts_0 partition of parts for values with (modulus 1, remainder 0)');
    await database.query('alter table parts add constraint parts_pkey primary key (id)');
    const Parts = entity('parts', { id, n: integer() }, { indexes: [index('n')] });
    const diff = await diffSchema(database, [Parts]);
    expect(risks(diff)).toEqual(['blocks-writes', 'may-fail']);
    await up(database, diff.changes);
    expect(await diffSchema(database, [Parts])).toEqual({ ...FITS, foreign: [] });
  });

  it.skipIf(!real)('lets others write while indexes are built and rules are proved', async () => {
    const Busy = entity('busy', { id, n: integer().optional(), parentId: uuid().optional() });
    const Ruled = entity(
      'busy',
      { id, n: integer().max(9).unique(), parentId: uuid().optional().references('busy') },
      { indexes: [index({ n: 'desc' })] },
    );
    const other = openedAt(url, { max: 4 });
    await database.ensureSchema([Busy]);
    await database.query(`insert into busy values (${uuids}, 1)`);
    const { changes } = await diffSchema(database, [Ruled]);
    let n = 1;
    const write = () => other.query(`insert into busy values (${uuids}, ${--n})`);
    const stopped = (sql: string) =>
      other.query<{ pid: number }>(
        "select pid from pg_stat_activity where query = $1 and wait_event_type = 'Lock' and datname = current_database()",
        [sql],
      );
    const beside: string[] = [];
    for (const sql of changes.flatMap((change) => change.up)) {
      // A transaction that has written and goes on: whoever wants the table for himself waits for it.
      const [wrote, finish] = [gate(), gate()];
      const writer = other.transaction(async () => {
        await write();
        wrote.open();
        await finish.opened;
      });
      await wrote.opened;
      let done = false;
      const work = database.query(sql).finally(() => {
        done = true;
      });
      await until(async () => done || (await stopped(sql)).length > 0);
      const [waiting] = done ? [] : await stopped(sql);
      const locks = await other.query<{ mode: string }>(
        "select mode from pg_locks where pid = $1 and relation = 'busy'::regclass and granted",
        [waiting?.pid ?? 0],
      );
      if (done || locks.length > 0) {
        // It is at work, or through, though a writer is: others may write, too.
        expect(locks.filter(({ mode }) => mode !== 'ShareUpdateExclusiveLock')).toEqual([]);
        await write();
        beside.push(/validate|create (?:unique )?index concurrently/.exec(sql)![0]);
      }
      finish.open();
      await Promise.all([writer, work]);
    }
    expect(beside).toEqual([
      'validate',
      'validate',
      'create unique index concurrently',
      'create index concurrently',
      'validate',
    ]);
    expect(await diffSchema(database, [Ruled])).toEqual({ ...FITS, foreign: [] });
  });

  it.each([
    [{ renames: { 'no.where': 'nothing' } }, /Expected `renames\['no\.where'\]` to be a table or a column/],
    [{ renames: 'x' as never }, /Expected `renames` to be an object of names/],
    [{ drop: 'yes' as never }, /Expected `drop` to be true or false/],
    [{ dropTables: 'x' as never }, /Expected `dropTables` to be a list of names/],
    [{ dorp: true } as never, /Unknown option `dorp`/],
  ])('refuses %j', async (options, message) => {
    await expect(diffSchema(database, [Author], options)).rejects.toThrow(message);
  });
});
