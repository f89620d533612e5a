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
];
