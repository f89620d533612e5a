import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { PostgresDatabase } from '../../src/index.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';
import { closeAll } from './anywhere.js';
import { blocksOf } from './blocks.js';
import { markShown, printedAt } from './shown.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The pages whose programs mean the same everywhere. */
const PAGES = ['getting-started', 'entities', 'repositories', 'relations', 'transactions'];
const blocks = PAGES.map((name) => `docs/${name}.md`)
  .flatMap((path) => blocksOf(path, readFileSync(join(root, path), 'utf8')))
  .filter(({ language, flags, code }) => language === 'ts' && flags.length === 0 && code.includes('MemoryDatabase()'));

const folder = join(root, 'test-results', 'docs-engines');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const postgres = await postgresDatabase();
const mongo = await mongoDatabase();
const engines = [
  {
    name: 'AnyPostgres',
    environment: ['DATABASE_URL', postgres.url],
    empty: async () => {
      await using database = new PostgresDatabase({ url: postgres.url });
      await database.query('drop schema public cascade');
      await database.query('create schema public');
    },
  },
  {
    name: 'AnyMongo',
    environment: ['MONGODB_URI', mongo.url],
    empty: async () => mongo.drop(),
  },
] as const;

describe.each(engines)('on $name', ({ name, environment: [variable, url], empty }) => {
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await closeAll();
    await empty();
  });

  it.each(blocks.map((block) => [block.place, block] as const))(
    'what %s does in memory prints the same',
    async (place, block) => {
      vi.stubEnv(variable, url);
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
      const { code, shown } = markShown(block.code);
      const path = join(folder, `${place.replaceAll(/[^\w]/g, '-')}-${name}.ts`);
      const own = `import { ${name} } from '../../test/docs/anywhere.js';`;
      writeFileSync(path, `${own}\n${code.replaceAll('new MemoryDatabase()', `new ${name}()`)}\nexport {};\n`);
      await expect(import(/* @vite-ignore */ path)).resolves.toBeDefined();
      expect(printedAt(shown, log.mock.calls)).toEqual(shown.map(({ said }) => said));
    },
  );
});
