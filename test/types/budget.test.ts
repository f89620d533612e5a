import { expect, test } from 'vitest';
import { compile } from './compiler.js';

// The compiler's work is counted, not timed: type instantiations are the same on every machine.

const IMPORTS = `
import {
  avg, belongsTo, boolean, bucket, count, entity, enumOf, geoPoint, gte, hasMany, increment, index, integer, json, list, MemoryDatabase, object, PostgresDatabase, PostgresRepository, or, Repository, softDelete, text, timestamp,
  timestamps, uuid, versioned, type EntityWith, type Row,
} from 'trivet';
`;
const FIELDS = `{
  id: uuid().primaryKey(),
  email: text().trim().lowercase().email().unique(),
  username: text().trim().min(3).max(30).unique(),
  password: text().min(8).hidden(),
  role: enumOf('user', 'moderator', 'admin').default('user'),
  age: integer().min(0).optional(),
  profile: object({ firstName: text().max(50), lastName: text().max(50), bio: text().max(500).optional(), location: geoPoint().optional() }),
  settings: json().optional(),
  tags: list(text().max(40)).default([]),
  isActive: boolean().default(true),
  failedLogins: integer().min(0).default(0),
  lockedUntil: timestamp().optional(),
  ...timestamps(), ...softDelete(), ...versioned(),
}`;
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is code, and the placeholders are its own
const COMPUTED = 'computed: { fullName: (user) => `${user.profile.firstName} ${user.profile.lastName}` }';
const INDEXES = `indexes: [index('role', 'isActive'), index({ createdAt: 'desc' }), index.geo('profile.location')],
  search: { username: 'A', 'profile.firstName': 'B' }`;

const definition = `export const E# = entity('e#', ${FIELDS}, { ${COMPUTED} });`;
const indexed = `export const E# = entity('e#', ${FIELDS}, { ${COMPUTED}, ${INDEXES} });`;
const repository = 'const r# = new Repository(new MemoryDatabase(), E#);';
const DRAFT = "{ email: 'a', username: 'b', password: 'c', profile: { firstName: 'a', lastName: 'b' } }";
const everyVerb = `
  export type R# = Row<typeof E#>; declare const row#: R#; row#.fullName;
  await r#.findById('x'); await r#.get('x');
  await r#.findOne({ email: 'x' });
  await r#.find({ role: 'user', age: gte(3) }, { orderBy: { createdAt: 'desc' }, limit: 3 });
  await r#.find(or({ role: 'admin' }, { age: gte(4) }), { select: ['id', 'profile.firstName'], reveal: ['password'] });
  for await (const row of r#.stream({ age: 3 })) row.age;
  await r#.count({ age: 3 }); await r#.exists({ age: 3 }); await r#.distinct('role');
  await r#.insert(${DRAFT}); await r#.insertMany([${DRAFT}]);
  await r#.update('x', { age: 3, failedLogins: increment(1), 'profile.bio': 'x' }, { version: 1 });
  await r#.updateOne({ age: 3 }, { age: 4 }); await r#.updateMany({ role: 'user' }, { age: 3 });
  await r#.upsert(${DRAFT}, { on: 'email' }); await r#.upsertMany([${DRAFT}], { on: 'email' });
  await r#.updateEach([{ id: 'x', age: increment(1), version: 1 }]);
  await r#.bulk([{ insert: ${DRAFT} }, { update: 'x', set: { age: 3 } }, { upsert: ${DRAFT}, on: 'email' }, { delete: 'x' }]);
  await r#.getOrInsert(${DRAFT}, { on: 'email' });
  await r#.search('x', { where: { age: 3 } }); await r#.near('profile.location', { type: 'Point', coordinates: [1, 2] });
  await r#.delete('x'); await r#.deleteMany({ role: 'user' }); await r#.restore('x'); await r#.purge('x');`;

/** Instantiations that one more copy of `text` costs, \`#\` being its number, behind what stands before the copies. */
function costOf(text: string, before = ''): number {
  const count = (copies: number): number => {
    const all = Array.from({ length: copies }, (_, i) => text.replaceAll('#', String(i))).join('\n');
    const program = compile({ 'budget.ts': `${IMPORTS}${before}\n${all}\nexport {};` });
    expect(program.errorsOf('budget.ts')).toEqual([]);
    return program.instantiations;
  };
  return (count(12) - count(4)) / 8;
}

const one = `${indexed}${repository}`.replaceAll('#', 'X');

test('defining an entity of 16 fields, 4 nested, 1 computed costs at most 500 instantiations, at most 800 with indexes and search', () => {
  expect(costOf(definition)).toBeLessThanOrEqual(500);
  expect(costOf(indexed)).toBeLessThanOrEqual(800);
});

test('an entity and every verb costs at most 4,400 instantiations', () => {
  expect(costOf(`${indexed}${repository}${everyVerb}`)).toBeLessThanOrEqual(4_400);
});

test('a further find costs at most 50 instantiations, with a group or a select at most 150', () => {
  expect(
    costOf('await rX.find({ username: `u#` as string, age: gte(#) }, { orderBy: { createdAt: `desc` } });', one),
  ).toBeLessThanOrEqual(50);
  expect(costOf('await rX.find(or({ username: `u#` as string }, { age: gte(#) }));', one)).toBeLessThanOrEqual(150);
  const select = "['id', 'email', 'profile.firstName', 'fullName'] as const";
  expect(costOf(`(await rX.find({ age: # }, { select: ${select} }))[0]!.profile.firstName;`, one)).toBeLessThanOrEqual(
    150,
  );
});

test('a further search costs at most 50 instantiations', () => {
  expect(
    costOf('(await rX.search(`w#` as string, { where: { age: # }, fields: [`username`], limit: # }))[0]!.score;', one),
  ).toBeLessThanOrEqual(50);
});

test('a further find of a PostgreSQL repository costs as much, with a lock or without', () => {
  const own = `${one} declare const database: PostgresDatabase; const pX = new PostgresRepository(database, EX); await pX.find();`;
  expect(costOf('await pX.find({ username: `u#` as string, age: gte(#) });', own)).toBeLessThanOrEqual(50);
  const lock = "{ lock: 'update', skipLocked: true, limit: # }";
  expect(costOf(`await pX.find({ username: \`u#\` as string, age: gte(#) }, ${lock});`, own)).toBeLessThanOrEqual(50);
});

const RELATED = `
const Post = entity('posts', { id: uuid().primaryKey(), authorId: uuid(), title: text(), ...timestamps(), ...softDelete() });
const Comment = entity('comments', { id: uuid().primaryKey(), postId: uuid(), authorId: uuid(), body: text(), ...timestamps() });
const posts = new Repository(new MemoryDatabase(), Post);
const comments = new Repository(new MemoryDatabase(), Comment);
`;

test('a find with select and two relations costs at most 300 instantiations, and so does a nested one', () => {
  const two = `(await posts.find({ title: 't#' as string }, { select: ['id', 'title'], include: {
    author: belongsTo(rX, 'authorId', { select: ['id', 'username'] }),
    comments: hasMany(comments, 'postId', { orderBy: { createdAt: 'desc' }, limit: # + 1 }),
  } }))[0]!.author?.username;`;
  expect(costOf(two, `${one}${RELATED}`)).toBeLessThanOrEqual(300);
  const nested = `(await posts.find({ title: 't#' as string }, { include: {
    comments: hasMany(comments, 'postId', { include: { author: belongsTo(rX, 'authorId', { select: ['username'] }) } }),
  } }))[0]!.comments[0]!.author?.username;`;
  expect(costOf(nested, `${one}${RELATED}`)).toBeLessThanOrEqual(300);
  // What a find without relations costs, it still does beside them.
  const plain = 'await rX.find({ username: `u#` as string, age: gte(#) }, { orderBy: { createdAt: `desc` } });';
  expect(costOf(plain, `${one}${RELATED}${two.replaceAll('#', '1')}`)).toBeLessThanOrEqual(50);
});

test('a further groupBy costs at most 250 instantiations', () => {
  const call =
    "(await rX.groupBy(['role', bucket('createdAt', 'month')], { n: count(), a: avg('age') }, { where: { age: # }, having: { n: gte(#) }, orderBy: { n: 'desc' } }))[0]!.a;";
  expect(costOf(call, one)).toBeLessThanOrEqual(250);
});

test('a base class with a type parameter costs at most 1,000 instantiations, and a class of it at most 600', () => {
  const body =
    "{ named(owner: string) { return this.find({ email: owner }, { orderBy: { createdAt: 'desc' }, limit: 3 }); } }";
  const base = `const shared# = { email: text(), ...timestamps() };
    abstract class Base#<E extends EntityWith<typeof shared#>> extends Repository<E> ${body}`;
  expect(costOf(base, one)).toBeLessThanOrEqual(1_000);
  const own =
    'class Own# extends Base<typeof EX> {} (await new Own#(new MemoryDatabase(), EX).named(`x`))[0]!.fullName;';
  expect(costOf(own, `${one}${base.replaceAll('#', '')}`)).toBeLessThanOrEqual(600);
});

test('the count grows with the work, so that a budget can be broken', () => {
  expect(costOf(definition)).toBeGreaterThan(50);
});
