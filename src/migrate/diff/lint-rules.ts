import type { Risk } from './types.js';

/** What can be found. */
export type LintRule =
  | 'index-not-concurrent'
  | 'drop-index-not-concurrent'
  | 'volatile-default'
  | 'required-column'
  | 'set-not-null'
  | 'column-type'
  | 'constraint-not-deferred'
  | 'unique-constraint'
  | 'exclusion-constraint'
  | 'validate-in-transaction'
  | 'drop-column'
  | 'drop-table'
  | 'truncate'
  | 'rename'
  | 'several-locks'
  | 'all-rows'
  | 'rows-beside-schema'
  | 'rewrite';

interface Rule {
  readonly risk: Risk;
  /** What happens, and what to do instead; `%` is the thing that it is about. */
  readonly message: string;
}

/** What is looked for in SQL that runs against a database in use. */
export const LINT_RULES: Readonly<Record<LintRule, Rule>> = {
  'index-not-concurrent': {
    risk: 'blocks-writes',
    message:
      'Writes of % wait while the index is built. Build it with `create index concurrently`, in a migration with `transaction:false`.',
  },
  'drop-index-not-concurrent': {
    risk: 'blocks',
    message:
      'Reads and writes wait while the drop of % waits for those before it. Use `drop index concurrently`, in a migration with `transaction:false`.',
  },
  'volatile-default': {
    risk: 'blocks',
    message:
      'Every row is written anew for the values of %, and reads and writes wait. Add the column without them, set the default, and fill the rows in batches.',
  },
  'required-column': {
    risk: 'may-fail',
    message:
      'It fails where the table has rows, for % has no value in them. Add it without `not null`, fill it in batches, then prove a check `is not null` and set it.',
  },
  'set-not-null': {
    risk: 'blocks',
    message:
      'Reads and writes wait while every row is looked at for %. Add a check `is not null` with `not valid`, validate it, and then set `not null`, which takes its word.',
  },
  'column-type': {
    risk: 'blocks',
    message:
      'Most changes of a type write every row anew, and reads and writes wait (%). Add a column of the new type, write both, fill it in batches, then change over.',
  },
  'constraint-not-deferred': {
    risk: 'blocks',
    message:
      'Reads and writes wait while every row is looked at (%). Add it with `not valid`, and in another transaction `validate constraint`, which lets both go on.',
  },
  'unique-constraint': {
    risk: 'blocks',
    message:
      'Reads and writes wait while the index of % is built. Build it with `create unique index concurrently`, then `add constraint … using index`.',
  },
  'exclusion-constraint': {
    risk: 'blocks',
    message: 'Reads and writes wait while the index of % is built, and there is no other way: choose a quiet time.',
  },
  'validate-in-transaction': {
    risk: 'blocks',
    message:
      'The rule on % was added in this transaction, whose lock lasts while its rows are looked at. Validate it in a transaction of its own.',
  },
  'drop-column': {
    risk: 'destroys',
    message:
      'The values of % are gone for good, and programs that name it fail. Let it go only when no program knows it any more, and keep a copy.',
  },
  'drop-table': {
    risk: 'destroys',
    message:
      'The rows of % are gone for good, and programs that use it fail. Rename it first, and let it go when nobody missed it.',
  },
  truncate: {
    risk: 'destroys',
    message: 'The rows of % are gone for good: say which ones with `delete`, or keep a copy.',
  },
  rename: {
    risk: 'breaks-readers',
    message:
      'Programs that run now know % by its old name and fail. Let both names work for a time (a view, a second column that is written, too).',
  },
  'several-locks': {
    risk: 'blocks',
    message:
      'The transaction locks % against everybody, one after the other, and may meet another that does so in another order. Give each a migration of its own.',
  },
  'all-rows': {
    risk: 'blocks-writes',
    message:
      'Every row of % is changed in one transaction: they are locked to its end, and the table grows by as many. Change them in batches, in a migration in code with `transaction: false`.',
  },
  'rows-beside-schema': {
    risk: 'blocks',
    message:
      'The transaction changes rows of % while it holds a lock against everybody. Change the rows in a migration of its own.',
  },
  rewrite: {
    risk: 'blocks',
    message: '% is written anew, and reads and writes wait. Choose a quiet time, or a way that does it beside them.',
  },
};
