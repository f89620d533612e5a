import type { RefusedCase } from './refused-case.js';

/** What the verbs that write some or many rows in one call refuse. */
export const writeCases: readonly RefusedCase[] = [
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
];
