import type { CommandGroup } from './command.js';
import { DOWN, REDO, TO, UP } from './commands/apply.js';
import { CREATE } from './commands/create.js';
import { PLAN, STATUS, VALIDATE } from './commands/look.js';
import { BASELINE, REPAIR, UNLOCK } from './commands/mend.js';
import { DIFF, ENSURE } from './commands/schema.js';
import { SEED, UNDO } from './commands/seed.js';
import type { Handbook } from './help.js';

const PROGRAM: CommandGroup = {
  name: '',
  does: 'the schema of a database over time, on PostgreSQL and MongoDB',
  about: [
    'It reads `trivet.config.ts` (or .mts, .js, .mjs, .cjs), which is looked for from here upward. Without one, `DATABASE_URL` or `MONGODB_URI` and the folder ./migrations are enough for `migrate`.',
  ],
};

const GROUPS: readonly CommandGroup[] = [
  {
    name: 'migrate',
    does: 'changes the schema step by step, and keeps a ledger of the steps',
    about: [
      'A migration is a file `<digits>_<name>.sql`, .ts, .js or .mjs in the folder of the migrations. It is applied once, in the order of the digits, by one process at a time.',
    ],
  },
  {
    name: 'seed',
    does: 'fills a database with rows for development and tests',
    about: ['Seeds are files in the folder ./seeds, or values of the configuration.'],
  },
  {
    name: 'schema',
    does: 'compares the entities with the database',
    about: ['The entities are those of the configuration.'],
  },
];

/** The one table of commands: parsing, help and the page are made from it. */
export const HANDBOOK: Handbook = {
  program: PROGRAM,
  groups: GROUPS,
  commands: [UP, DOWN, TO, REDO, STATUS, PLAN, VALIDATE, BASELINE, REPAIR, UNLOCK, CREATE, SEED, UNDO, DIFF, ENSURE],
  examples: [
    { line: 'npx trivet migrate create add_users', does: 'writes an empty migration' },
    { line: 'npx trivet migrate up', does: 'applies what is pending' },
    { line: 'npx trivet migrate status', does: 'shows where the database stands' },
    { line: 'npx trivet schema diff --write add_age', does: 'writes what the entities have and the database has not' },
  ],
};
