import { EXIT, type ExitName, MEANINGS } from '../../../src/migrate/cli/exit-codes.js';
import { flagOf, type Handbook, optionRow, usageOf, wrap } from '../../../src/migrate/cli/help.js';
import { COMMON, OPTIONS } from '../../../src/migrate/cli/options.js';

/** The page about the command line: written by `npx vitest run test/migrate/cli/page.test.ts -u`. */
export function cliPage({ groups, commands }: Handbook): string {
  const sections = groups.flatMap(({ name, does, about }) => [
    `## ${name}: ${does}\n\n${paragraphs(about)}\n`,
    ...commands.filter((each) => each.name.split(' ')[0] === name).map(commandSection),
  ]);
  const exits = (Object.keys(EXIT) as ExitName[]).map((name) => `| ${EXIT[name]} | ${MEANINGS[name]} |`);
  const common = COMMON.map((name) => `| \`${optionRow(name)[0]}\` | ${OPTIONS[name].means} |`);
  return [
    BEFORE,
    `## Exit codes\n\n| code | means |\n|---|---|\n${exits.join('\n')}\n`,
    `## Options of every command\n\n| option | means |\n|---|---|\n${common.join('\n')}\n`,
    ...sections,
  ].join('\n');
}

function commandSection(command: Handbook['commands'][number]): string {
  const { name, does, about, argument, options, examples, exits } = command;
  const rows = [
    ...(argument === null ? [] : [`| \`<${argument.name}>\` | ${argument.means} |`]),
    ...options.map((each) => `| \`${flagOf(each).replaceAll('|', '\\|')}\` | ${OPTIONS[each].means} |`),
  ];
  const lines = examples.map(({ line, does: what }) => `${line.padEnd(48)} # ${what}`);
  return [
    `### ${name}\n`,
    `${does[0]!.toUpperCase()}${does.slice(1)}: \`${usageOf(command).replace(' [options]', '')}\`\n`,
    `${paragraphs(about)}\n`,
    ...(rows.length === 0 ? [] : [`| | |\n|---|---|\n${rows.join('\n')}\n`]),
    `\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`,
    `Exit codes: ${exits.map((each) => EXIT[each]).join(', ')}.\n`,
  ].join('\n');
}

function paragraphs(about: readonly string[]): string {
  return about.map((each) => wrap(each, 160).join('\n')).join('\n\n');
}

const BEFORE = `# The command line

\`npx trivet\` changes the schema of a database step by step, fills it with rows, and compares it with the entities: the same commands on PostgreSQL and
MongoDB. \`npx trivet <command> --help\` says what stands here; this page is written from the same table.

## A first migration

With \`DATABASE_URL\` or \`MONGODB_URI\` in the environment nothing else is needed:

\`\`\`sh
npx trivet migrate create add_users              # writes migrations/<time>_add_users.sql, which you fill
npx trivet migrate plan                          # shows what would run
npx trivet migrate up                            # runs it
npx trivet migrate status                        # shows where the database stands
\`\`\`

## The configuration

\`trivet.config.ts\` (or \`.mts\`, \`.cts\`, \`.js\`, \`.mjs\`, \`.cjs\`) is looked for in the working directory and upward from it; \`--config\` names another.
Its paths are relative to it.

\`\`\`ts
import { entity, integer, PostgresDatabase, text } from 'trivet';
import { defineConfig } from 'trivet/migrate';

const User = entity('users', { id: integer().primaryKey(), name: text().max(80) });

export default defineConfig({
  // A function is called when a command needs the database; it is closed in the end.
  database: () => new PostgresDatabase({ url: process.env['DATABASE_URL']! }),
  migrations: './migrations',
  seeds: './seeds',
  // What \`schema diff\` and \`schema ensure\` compare the database with.
  entities: [User],
  ledger: 'trivet_migrations',
  wait: '0s',
  timeout: '1h',
  lockTimeout: '10s',
});
\`\`\`

Several databases have names. \`--database\` chooses one; without it, \`migrate status\`, \`plan\` and \`validate\` are about all of them, and the others say which
names there are:

\`\`\`ts
import { MongoDatabase, PostgresDatabase } from 'trivet';
import { defineConfig } from 'trivet/migrate';

export default defineConfig({
  databases: {
    main: { database: () => new PostgresDatabase({ url: process.env['DATABASE_URL']! }), migrations: './migrations/main' },
    events: { database: () => new MongoDatabase({ url: process.env['MONGODB_URI']! }), migrations: './migrations/events' },
  },
});
\`\`\`

**TypeScript** in the configuration, in migrations and in seeds is read through \`tsx\`, if the project has it (\`npm install --save-dev tsx\`), on every version
of Node; else by Node itself, from 22.18 on, which does not read all of it: no \`enum\`, and no import of \`./user.js\` that means \`user.ts\`. Without both, write
\`.mjs\`.

## What it says, and where

Results are on stdout, everything else on stderr: progress, notes, errors and what to do next. On a terminal there are colours and a bar; elsewhere neither,
but a line for each step, and one for each tenth of long work. \`--json\` gives one document on stdout, also when something fails:

\`\`\`json
{
  "command": "migrate up",
  "exit": 0,
  "databases": [
    { "database": "main", "exit": 0, "steps": [{ "version": "20261126093000", "name": "add_users", "direction": "up", "durationMs": 12 }] }
  ]
}
\`\`\`

An error stands as \`error: { code, message, next, ... }\` in its database, or beside \`command\` where none was reached. Credentials are taken out of everything
that is said. \`--verbose\` adds stacks.

**To end it**, Ctrl-C or SIGTERM: what runs is cancelled on the server, the lock is given back, and the exit code says so. A second one ends the process at
once; the server takes the lock back when its connection is gone, MongoDB after the time of the lock.
`;
