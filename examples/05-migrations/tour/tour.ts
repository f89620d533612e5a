import type { PostgresDatabase } from 'trivet';
import { Migrator, Seeder } from 'trivet/migrate';
import { EditedProject } from './edited-project.js';
import { oldPosts, withoutCount } from './old-posts.js';
import { errorOf, forEdited, second } from './refusals.js';
import { planned, reported, seeded, statusOf } from './tell.js';

/** What the tour needs. */
export interface TourGround {
  readonly database: PostgresDatabase;
  /** The same database, as another process has it. */
  readonly other: PostgresDatabase;
  /** Folder of the project. */
  readonly project: string;
  readonly say: (line: string) => void;
  /** Of long work. */
  readonly progress: (what: string, done: number, total: number | null) => void;
  readonly signal: AbortSignal;
}

/** How many posts are in the table when the column comes. */
const OLD_POSTS = 20_000;
/** The last migration before that. */
const BEFORE = '20260108090000';

/** What a newcomer sees who types the commands of the project, one after the other. Each is a call of the classes behind them. */
export async function tour({ database, other, project, say, progress, signal }: TourGround): Promise<void> {
  const migrations = `${project}/migrations`;
  const migrator = new Migrator(database, { migrations });
  migrator.on('progress', ({ name, statements }, done, total) => {
    // Statements tell of themselves in the report.
    if (statements === null) progress(name, done, total);
  });
  const seeder = new Seeder(database, { seeds: `${project}/seeds` });
  seeder.on('progress', (name, done, total) => progress(`seed ${name}`, done, total));

  const type = async (command: string, lines: () => Promise<readonly string[]>): Promise<void> => {
    say(`\n$ npx trivet ${command}`);
    for (const line of await lines()) say(`  ${line}`);
  };

  await type('migrate status', async () => statusOf(await migrator.status({ signal })));
  await type('migrate plan', async () => planned(await migrator.plan({ signal })));
  await type(`migrate up --to ${BEFORE}`, async () => reported(await migrator.up({ to: BEFORE, signal })));

  const old = await oldPosts(database, OLD_POSTS);
  say(`\nThe application has run for a while: ${old} posts are in the table, without a count of words.`);
  await type('migrate up', async () => reported(await migrator.up({ signal })));
  say(`  ${await withoutCount(database)} posts are without a count now, and the column takes no null any more`);

  await type('seed', async () => seeded(await seeder.run({ signal })));
  await type('seed', async () => seeded(await seeder.run({ signal })));
  await type('seed undo --yes', async () => seeded(await seeder.undo({ signal })));

  await type('migrate down', async () => reported(await migrator.down({ signal })));
  await type('migrate up', async () => reported(await migrator.up({ signal })));
  await type('migrate redo', async () => reported(await migrator.redo({ signal })));

  await using edited = await EditedProject.of(migrations);
  await edited.append('20260106090000_posts.sql', '-- A line that came after the migration was applied.\n');
  const late = new Migrator(database, { migrations: edited.folder, load: edited.load });
  await type('migrate up     # after an edit of a file that is applied', async () => [
    forEdited(await errorOf(late.up({ signal }))),
  ]);
  await type('migrate up     # while another process migrates', async () => [await second(database, other, signal)]);
  await type('migrate status', async () => statusOf(await migrator.status({ signal })));
}
