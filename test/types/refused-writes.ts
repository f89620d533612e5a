import type { RefusedCase } from './refused-case.js';

/** What the verbs that write some or many rows in one call refuse. */
export const writeCases: readonly RefusedCase[] = [
  {
    name: 'a hook that gives a value of another type',
    code: 'class A extends Repository<typeof User> { protected override beforeSave(change: Change<typeof User>) { return { ...change, email: 1 }; } } A;',
    message: "'number' is not assignable",
    twin: "class A extends Repository<typeof User> { protected override beforeSave(change: Change<typeof User>) { return { ...change, email: 'x' }; } } A;",
  },
  {
    name: 'a hook that gives nothing',
    code: 'class A extends Repository<typeof User> { protected override async beforeSave() {} } A;',
    message: 'void',
    twin: 'class A extends Repository<typeof User> { protected override async beforeSave(change: Change<typeof User>) { return change; } } A;',
  },
  {
    name: 'an operator as what a hook sets',
    code: 'class A extends Repository<typeof User> { protected override beforeUpdate(change: Change<typeof User>) { return { ...change, age: increment(1) }; } } A;',
    message: 'UpdateOperator',
    twin: 'class A extends Repository<typeof User> { protected override beforeUpdate(change: Change<typeof User>) { return { ...change, age: 1 }; } } A;',
  },
  {
    name: 'a hook from outside of its class',
    code: 'users.beforeSave({});',
    message: 'is protected',
    twin: 'users.find({});',
  },
  {
    name: 'middleware that gives no promise',
    code: 'new Repository(mongo, User, { use: [(command) => command] });',
    message: 'Promise<unknown>',
    twin: 'new Repository(mongo, User, { use: [(command, next) => next(command)] });',
  },
  {
    name: 'restoring where nothing is deleted softly',
    code: "await posts.restore('1');",
    message: 'the entity has no softDelete()',
    twin: "(await users.restore('1')).email;",
  },
  {
    name: 'purging where nothing is deleted softly',
    code: "await posts.purge('1');",
    message: 'the entity has no softDelete()',
    twin: "(await users.purge('1')).email;",
  },
  {
    name: 'getting or inserting by a field that is not unique',
    code: "await users.getOrInsert(draft, { on: 'role' });",
    message: `'"role"' is not assignable`,
    twin: "(await users.getOrInsert(draft, { on: 'email' })).action === 'found';",
  },
  {
    name: 'an update of a row that was only to be got',
    code: "(await users.getOrInsert(draft, { on: 'email' })).action === 'updated';",
    message: 'have no overlap',
    twin: "(await users.getOrInsert(draft, { on: 'email' })).action === 'inserted';",
  },
  {
    name: 'an update of each without a key',
    code: 'await users.updateEach([{ age: 1 }]);',
    message: "Property 'id' is missing",
    twin: "await users.updateEach([{ id: '1', age: 1 }]);",
  },
  {
    name: 'an update of each with a misspelt field',
    code: "await users.updateEach([{ id: '1', agee: 1 }]);",
    message: "'agee' does not exist",
    twin: "(await users.updateEach([{ id: '1', 'profile.bio': null, version: 2 }])).matched.toFixed();",
  },
  {
    name: 'a version of a row that has none',
    code: "await posts.updateEach([{ id: '1', version: 1 }]);",
    message: "Type 'number' is not assignable to type 'undefined'",
    twin: "await users.updateEach([{ id: '1', version: 1 }]);",
  },
  {
    name: 'a fence of a row that has none',
    code: "await users.updateEach([{ id: '1', fence: 1n }]);",
    message: "Type 'bigint' is not assignable to type 'undefined'",
    twin: "await tasks.updateEach([{ id: '1', fence: 1n }, { id: '2', note: 'x', version: 1 }]);",
  },
  {
    name: 'a fence of a row that has none in a bulk',
    code: "await users.bulk([{ update: '1', set: { age: 1 }, fence: 1n }]);",
    message: 'is not assignable to type',
    twin: "await tasks.bulk([{ update: '1', set: { note: 'x' }, fence: 1n }]);",
  },
  {
    name: 'upserts by a field that is not unique',
    code: "await users.upsertMany([draft], { on: 'role' });",
    message: `'"role"' is not assignable`,
    twin: "(await users.upsertMany([draft], { on: 'email' })).inserted.toFixed();",
  },
  {
    name: 'upserts by nothing',
    code: 'await users.upsertMany([draft]);',
    message: 'Expected 2 arguments',
    twin: "await users.upsertMany([draft], { on: 'username' });",
  },
  {
    name: 'a write of no kind in a bulk',
    code: "await users.bulk([{ remove: '1' }]);",
    message: "'remove' does not exist",
    twin: "await users.bulk([{ delete: '1' }, { insert: draft }]);",
  },
  {
    name: 'a patch of another entity in a bulk',
    code: "await users.bulk([{ update: '1', set: { title: 'x' } }]);",
    message: "'title' does not exist",
    twin: "(await users.bulk([{ update: '1', set: { age: 3 } }, { upsert: draft, on: 'email' }])).deleted.toFixed();",
  },
];
