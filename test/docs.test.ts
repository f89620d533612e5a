import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { readTree } from './architecture/source-tree.js';
import { type Block, blocksOf, examplesOf, headingsOf, markingProblems } from './docs/blocks.js';
import { defaultsOf, defaultsProblems } from './docs/defaults.js';
import { markShown, printedAt } from './docs/shown.js';
import { mongoDatabase, postgresDatabase, redisPrefix } from './setup/databases.js';
import { compile } from './types/compiler.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = readTree(join(root, 'src'));

const pages = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((path) => existsSync(join(root, path))),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const inPages = pages.flatMap(({ path, text }) => blocksOf(path, text));
const inComments = [...source].flatMap(([path, text]) => examplesOf(`src/${path}`, text));
const typescript = (blocks: readonly Block[]) => blocks.filter((block) => block.language === 'ts');

// A file without an import is a script, and a script has no `await` of its own.
const asModule = (block: Block) => `${block.code}\nexport {};\n`;
const fileOf = (block: Block) => `${block.place.replaceAll(/[^\w]/g, '-')}.ts`;

describe('the pages and the doc comments', () => {
  it('mark their code so that it is checked', () => {
    expect([...inPages, ...inComments].flatMap(markingProblems)).toEqual([]);
    expect(typescript(inPages).length).toBeGreaterThan(0);
    expect(typescript(inComments).length).toBeGreaterThan(0);
  });

  const blocks = typescript([...inPages, ...inComments]);
  const compiled = compile(Object.fromEntries(blocks.map((block) => [fileOf(block), asModule(block)])));

  it.each(blocks.map((block) => [block.place, block] as const))('%s compiles', (_place, block) => {
    expect(compiled.errorsOf(fileOf(block))).toEqual([]);
  });

  it('would not compile with a mistake in them', () => {
    const mistake = compile({ 'mistake.ts': "import { Repository } from 'trivet';\nconst n: number = Repository;" });
    expect(mistake.errorsOf('mistake.ts')).toHaveLength(1);
  });
});

// Not in a `describe`: where all its tests are filtered out, what they would have used is not taken away.
const runnable: { readonly block: Block; readonly environment: Readonly<Record<string, string>> }[] = [];
for (const block of typescript(inPages).filter((each) => !each.flags.includes('no-run'))) {
  const environment: Record<string, string> = {};
  if (/DATABASE_URL|PostgresDatabase\(\)/.test(block.code)) environment.DATABASE_URL = (await postgresDatabase()).url;
  if (/MONGODB_URI|MongoDatabase\(\)/.test(block.code)) environment.MONGODB_URI = (await mongoDatabase()).url;
  if (/REDIS_URL/.test(block.code)) environment.REDIS_URL = (await redisPrefix()).url;
  runnable.push({ block, environment });
}

describe('the code of the pages', () => {
  // Below the project, so that `trivet` means the sources, as in every test.
  const folder = join(root, 'test-results', 'docs');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  for (const { block, environment } of runnable) {
    it(`${block.place} runs, and prints what it says`, async () => {
      for (const [name, url] of Object.entries(environment)) vi.stubEnv(name, url);
      // What a page prints is for its reader.
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
      const path = join(folder, fileOf(block));
      const { code, shown } = markShown(block.code);
      writeFileSync(path, asModule({ ...block, code }));
      await expect(import(/* @vite-ignore */ path)).resolves.toBeDefined();
      const words = 'what stands behind a `console.log` is what it prints; other words go on a line of their own';
      expect(printedAt(shown, log.mock.calls), words).toEqual(shown.map(({ said }) => said));
    });
  }
});

describe('the commands of the pages', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const commands = inPages
    .filter((block) => ['sh', 'bash', 'shell', 'console'].includes(block.language))
    .flatMap((block) => block.code.split('\n').map((line) => ({ place: block.place, line: line.trim() })));

  it('name scripts that exist', () => {
    const named = commands.flatMap(({ place, line }) => {
      const script = /^npm run ([\w:-]+)/.exec(line)?.[1] ?? /^npm (test|start)\b/.exec(line)?.[1];
      return script === undefined ? [] : [{ place, script }];
    });
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });
});

describe('the links of the pages', () => {
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, target, heading]) => ({
      said: `${path} links to ${target}${heading === undefined ? '' : `#${heading}`}`,
      file: target === '' ? join(root, path) : join(root, path, '..', target!),
      heading,
    })),
  );

  it('lead to files that exist', () => {
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter(({ file }) => !existsSync(file)).map(({ said }) => said)).toEqual([]);
  });

  it('lead to headings that exist', () => {
    const named = links.filter(({ file, heading }) => heading !== undefined && existsSync(file));
    expect(named.length).toBeGreaterThan(0);
    const broken = named.filter(({ file, heading }) => !headingsOf(readFileSync(file, 'utf8')).includes(heading!));
    expect(broken.map(({ said }) => said)).toEqual([]);
  });
});

describe('the defaults in the doc comments', () => {
  const modules = [...source].map(([path, text]) => ({ path, said: defaultsOf(path, text) }));
  const withObject = modules.filter(({ said }) => said.objects.length > 0);

  it('are compared where a module has an object of them', () => {
    expect(withObject.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['postgres/options.ts', 'mongo/options.ts']),
    );
  });

  it.each(withObject.map(({ path, said }) => [path, said] as const))(
    'of %s are the ones in its object',
    async (path, said) => {
      const module = (await import(/* @vite-ignore */ join(root, 'src', path))) as Record<
        string,
        Record<string, unknown>
      >;
      expect(said.objects).toHaveLength(1);
      expect(defaultsProblems(said, module[said.objects[0]!]!)).toEqual([]);
    },
  );

  it('would be found out when they differ', () => {
    const said = defaultsOf(
      'x.ts',
      `export interface XOptions {
        /** @default 10 */ readonly max?: number;
        /** @default '5s' */ readonly wait?: string;
        /** @default the environment's */ readonly url?: string;
        readonly silent?: boolean;
      }
      export const X_DEFAULTS = Object.freeze({});`,
    );
    expect(said.objects).toEqual(['X_DEFAULTS']);
    expect(defaultsProblems(said, Object.freeze({ max: 10, wait: '5s', url: undefined }))).toEqual([]);
    expect(defaultsProblems(said, { max: 10, wait: '5s' })).toHaveLength(1);
    expect(defaultsProblems(said, Object.freeze({ max: 11, wait: '5s' }))).toHaveLength(1);
    expect(defaultsProblems(said, Object.freeze({ max: 10 }))).toHaveLength(1);
    expect(defaultsProblems(said, Object.freeze({ max: 10, wait: '5s', silent: true }))).toHaveLength(1);
  });
});
