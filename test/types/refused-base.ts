import type { RefusedCase } from './refused-case.js';

const owned = 'const owned = { owner: text(), views: integer().default(0), ...timestamps(), ...versioned() };';
const base = (body: string) =>
  `${owned} abstract class Owned<E extends EntityWith<typeof owned>> extends Repository<E> { async named(id: Id<E>) { ${body} } } await (null as unknown as Owned<never>).named('x' as never);`;

/** What a base class with a type parameter refuses within itself, and which entities it takes. */
export const baseCases: readonly RefusedCase[] = [
  {
    name: 'a filter of a base class by a field that is not among those it asks for',
    code: base("return this.find({ ownr: 'x' });"),
    message: "'{ ownr: string; }' is not assignable",
    twin: base("return this.find({ owner: 'x', createdAt: gte(new Date()) });"),
  },
  {
    name: 'a filter of a base class of the wrong type',
    code: base('return this.find({ owner: 3 });'),
    message: "'{ owner: number; }' is not assignable",
    twin: base("return this.count({ owner: 'x' });"),
  },
  {
    name: 'an order of a base class by an unknown field',
    code: base("return this.find({}, { orderBy: { createdat: 'desc' } });"),
    message: "'{ createdat: string; }' is not assignable",
    twin: base("return this.find({}, { orderBy: { createdAt: 'desc' } });"),
  },
  {
    name: 'a patch of a base class with an unknown field',
    code: base("return this.update(id, { ownr: 'x' });"),
    message: "'{ ownr: string; }' is not assignable",
    twin: base("return this.update(id, { owner: 'x', views: increment(1) });"),
  },
  {
    name: 'a group of filters of a base class with an unknown field',
    code: base("return this.find(or<E>({ ownr: 'x' }, { views: 3 }));"),
    message: "'{ ownr: string; }' is not assignable",
    twin: base("return this.find(or<E>({ owner: 'x' }, { views: 3 }));"),
  },
  {
    name: 'a version of a base class of the wrong type',
    code: base("return this.update(id, {}, { version: 'x' });"),
    message: `'string' is not assignable to type 'E["~version"]'`,
    twin: base('return this.update(id, {}, { version: 1 });'),
  },
  {
    name: 'an unknown field of a row of a base class',
    code: base('return (await this.get(id)).ownr;'),
    message: "Property 'ownr' does not exist",
    twin: base('const { owner, createdAt } = await this.get(id); return owner.length + createdAt.getTime();'),
  },
  {
    name: 'an entity without a field that a base class asks for',
    code: `${base('return id;')} const Bare = entity('bare', { id }); class Bares extends Owned<typeof Bare> {} new Bares(postgres, Bare);`,
    message: 'does not satisfy the constraint',
    twin: `${base('return id;')} const Bare = entity('bare', { id, ...owned }); class Bares extends Owned<typeof Bare> {} new Bares(postgres as unknown as Database, Bare);`,
  },
  {
    name: 'an entity with another type in a field that a base class asks for',
    code: `${base('return id;')} const Other = entity('others', { id, ...owned, owner: integer() }); class Others extends Owned<typeof Other> {} new Others(postgres as unknown as Database, Other);`,
    message: 'does not satisfy the constraint',
    twin: `${base('return id;')} const Other = entity('others', { id, ...owned, owner: text().max(3).unique() }); class Others extends Owned<typeof Other> {} new Others(postgres as unknown as Database, Other);`,
  },
];
