import type { RefusedCase } from './refused-case.js';

/** Factories and seeds that do not fit their entity or their database. */
export const seedCases: readonly RefusedCase[] = [
  {
    name: 'a name in the draft of a factory that is no field',
    code: "factory(User, () => ({ emial: 'a@b.c' }));",
    message: "is not assignable to type 'never'",
    twin: "factory(User, () => ({ email: 'a@b.c' })).one(0).email.length;",
  },
  {
    name: 'a choice in the draft of a factory that the entity has not',
    code: "factory(User, () => ({ role: 'boss' }));",
    message: "is not assignable to type 'never'",
    twin: "factory(User, ({ number }) => ({ role: number < 3 ? 'admin' : 'user' }));",
  },
  {
    name: 'a key in the draft of a factory',
    code: "factory(User, () => ({ id: 'x' }));",
    message: "is not assignable to type 'never'",
    twin: 'factory(User, () => ({}), { key: (number) => String(number) }).one(0).id.length;',
  },
  {
    name: 'a key of a factory of another type',
    code: 'factory(User, () => ({}), { key: (number) => number });',
    message: "Type 'number' is not assignable to type 'string'",
    twin: 'factory(Task, () => ({})).key(0);',
  },
  {
    name: 'a draft of a seed that leaves out what is required',
    code: "defineSeed({ name: 'x', run: ({ put }) => put(User, [{}]) });",
    message: 'No overload matches this call',
    twin: "defineSeed({ name: 'x', run: ({ put, factory }) => put(User, factory(User, () => ({})).make(3)) });",
  },
  {
    name: 'a set to find rows by that is not unique',
    code: "defineSeed({ name: 'x', run: ({ put }) => put(User, [], { on: 'role' }) });",
    message: 'No overload matches this call',
    twin: "defineSeed({ name: 'x', run: ({ put }) => put(User, [], { on: 'email' }) });",
  },
  {
    name: 'an entity of PostgreSQL in a seed of MongoDB',
    code: "const S = entity('s', { id: serial().primaryKey() });\ndefineSeed<MongoDatabase>({ name: 'x', run: ({ put }) => put(S, []) });",
    message: 'the entity has fields that this database does not know',
    twin: "const S = entity('s', { id: serial().primaryKey() });\ndefineSeed<PostgresDatabase>({ name: 'x', run: ({ put }) => put(S, []) });",
  },
  {
    name: 'a seed of another database',
    code: "const seed = defineSeed<MongoDatabase>({ name: 'x', run: ({ db }) => db.collection });\nconst s: ConstructorParameters<typeof Seeder<PostgresDatabase>>[1] = { seeds: [seed] };",
    message: 'is not assignable to type',
    twin: "const seed = defineSeed<PostgresDatabase>({ name: 'x', run: ({ db }) => db.query('select 1') });\nconst s: ConstructorParameters<typeof Seeder<PostgresDatabase>>[1] = { seeds: [seed] };",
  },
];
