import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import tsupConfig from '../tsup.config.js';
import * as rules from './architecture/rules.js';
import { readTree, type SourceTree } from './architecture/source-tree.js';
import { placesNamed } from './architecture/texts.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = readTree(join(root, 'src'));

describe('the source tree', () => {
  it('is read whole', () => {
    expect(source.size).toBeGreaterThan(50);
    expect([...source.keys()]).toEqual(expect.arrayContaining(['index.ts', 'core/repository.ts']));
  });

  it.each([
    ['imports go down the levels, and adapters never import each other', rules.importsGoDown],
    ['no file imports the index of its own folder', rules.noOwnIndex],
    ['no files import each other in a circle, not even types', rules.noCycles],
    ['every export has a name, and every index lists them', rules.exportsAreNamed],
    ['only driver.ts and fields.ts name a driver, and none loads it with the module', rules.driversAreOptional],
    ['the two engines with a server share their file names', rules.adaptersLookAlike],
    ['no file has more than 300 lines', rules.filesAreShort],
  ] as const)('%s', (_law, rule) => {
    expect(rule(source)).toEqual([]);
  });
});

describe('the checks of the source tree', () => {
  const clean: Readonly<Record<string, string>> = {
    'index.ts': "export { a } from './core/a.js';",
    'util/u.ts': 'export const u = 1;',
    'core/a.ts': "import { u } from '../util/u.js';\nexport const a = u;",
    'postgres/driver.ts': "import type Pg from 'pg';\nexport const load = () => import('pg');",
    'mongo/driver.ts': "import type { Db } from 'mongodb';\nexport type D = Db;",
    'testing/index.ts': "export { a } from '../core/a.js';",
    'testing/kit.ts': "import type Pg from 'pg';",
  };
  const planted = (files: Readonly<Record<string, string>>): SourceTree =>
    new Map(Object.entries({ ...clean, ...files }));

  it('find nothing in a clean tree', () => {
    const { importsGoDown, noOwnIndex, noCycles, exportsAreNamed, driversAreOptional, filesAreShort } = rules;
    const all = [importsGoDown, noOwnIndex, noCycles, exportsAreNamed, driversAreOptional, filesAreShort];
    expect(all.flatMap((rule) => rule(planted({})))).toEqual([]);
  });

  it('find an engine that lacks a shared file', () => {
    const without = new Map([...source].filter(([path]) => path !== 'mongo/driver.ts'));
    expect(rules.adaptersLookAlike(without)).toContain('mongo/driver.ts is missing');
  });

  it.each([
    ['an import up', rules.importsGoDown, { 'util/bad.ts': "import { a } from '../core/a.js';" }],
    ['an import up of a type', rules.importsGoDown, { 'query/bad.ts': "import type { a } from '../core/a.js';" }],
    ['an import up in a type position', rules.importsGoDown, { 'util/bad.ts': "type A = import('../core/a.js').A;" }],
    ['an import up at run time', rules.importsGoDown, { 'util/bad.ts': "await import('../core/a.js');" }],
    ['a re-export up', rules.importsGoDown, { 'core/bad.ts': "export { d } from '../postgres/driver.js';" }],
    ['an adapter in an adapter', rules.importsGoDown, { 'memory/bad.ts': "import '../mongo/driver.js';" }],
    ['a helper of tests in the root', rules.importsGoDown, { 'index.ts': "export { a } from './testing/index.js';" }],
    ['the root in a folder', rules.importsGoDown, { 'core/bad.ts': "import { a } from '../index.js';" }],
    ['a folder without a level', rules.importsGoDown, { 'misc/bad.ts': "import { u } from '../util/u.js';" }],
    ['a file that is not there', rules.importsGoDown, { 'core/bad.ts': "import { u } from '../util/none.js';" }],
    ['the own index', rules.noOwnIndex, { 'testing/bad.ts': "import type { a } from './index.js';" }],
    [
      'a circle of types',
      rules.noCycles,
      { 'core/b.ts': "import type { C } from './c.js';", 'core/c.ts': "export type { B } from './b.js';" },
    ],
    [
      'a long circle',
      rules.noCycles,
      { 'core/b.ts': "import './c.js';", 'core/c.ts': "import './d.js';", 'core/d.ts': "await import('./b.js');" },
    ],
    ['export *', rules.exportsAreNamed, { 'core/bad.ts': "export * from './a.js';" }],
    ['export * as', rules.exportsAreNamed, { 'core/bad.ts': "export * as all from './a.js';" }],
    ['a default function', rules.exportsAreNamed, { 'core/bad.ts': 'export default function f() {}' }],
    ['a default value', rules.exportsAreNamed, { 'core/bad.ts': 'export default 1;' }],
    ['a default by name', rules.exportsAreNamed, { 'core/bad.ts': 'const a = 1;\nexport { a as default };' }],
    ['a driver loaded with the module', rules.driversAreOptional, { 'postgres/driver.ts': "import Pg from 'pg';" }],
    [
      'a driver loaded for nothing but types',
      rules.driversAreOptional,
      { 'postgres/driver.ts': "import { type Pool } from 'pg';" },
    ],
    [
      'the types of a driver elsewhere',
      rules.driversAreOptional,
      { 'mongo/bad.ts': "import type { Db } from 'mongodb';" },
    ],
    ['a part of a driver elsewhere', rules.driversAreOptional, { 'mongo/bad.ts': "import('mongodb/lib/bson.js');" }],
    ['a package that is no dependency', rules.driversAreOptional, { 'core/bad.ts': "import { z } from 'zod';" }],
    ['a long file', rules.filesAreShort, { 'core/bad.ts': 'export {};\n'.repeat(301) }],
  ] as const)('find %s', (_what, rule, files) => {
    expect(rule(planted(files as Readonly<Record<string, string>>))).toHaveLength(1);
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>;
    readonly files: readonly string[];
    readonly bin: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
    readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  };
  const { cli, ...entries } = (tsupConfig as { readonly entry: Readonly<Record<string, string>> }).entry;

  it('has a program, which Node runs', () => {
    expect(manifest.bin).toEqual({ trivet: './dist/cli.js' });
    expect(readFileSync(join(root, cli!), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('exports exactly what the build makes, and every folder with an index is built', () => {
    const subpaths = Object.keys(manifest.exports).filter((key) => key !== './package.json');
    const built = Object.keys(entries).map((name) => (name === 'index' ? '.' : `./${name.replace(/\/index$/, '')}`));
    expect(subpaths.sort()).toEqual([...built].sort());
    expect(Object.values(entries).sort()).toEqual(
      [...source.keys()]
        .filter((path) => /^(?:[^/]+\/)?index\.ts$/.test(path))
        .map((path) => `src/${path}`)
        .sort(),
    );
  });

  it('names each subpath the same way in both formats', () => {
    for (const name of Object.keys(entries)) {
      const subpath = name === 'index' ? '.' : `./${name.replace(/\/index$/, '')}`;
      expect(manifest.exports[subpath]).toEqual({
        import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
        require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      });
    }
  });

  it('has at most two dependencies, and every driver is an optional peer', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(2);
    const optional = Object.entries(manifest.peerDependenciesMeta).filter(([, meta]) => meta.optional === true);
    expect(optional.map(([name]) => name).sort()).toEqual(Object.keys(manifest.peerDependencies).sort());
  });

  it('ships only files that exist', () => {
    const isBuilt = (path: string): boolean => path === 'dist' || path.startsWith('!dist/');
    const missing = manifest.files.filter((path) => !isBuilt(path) && !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
});

describe('the repository', () => {
  it('names no path of one machine and no registry', () => {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    const paths = listed
      .toString()
      .split('\0')
      .filter((path) => path !== '' && existsSync(join(root, path)));
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'package-lock.json']));
    expect(paths.flatMap((path) => placesNamed(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  it.each([
    ['a path of a machine', `const x = '${['', 'work', 'main'].join('/')}'`],
    ['a path in a URL', `file://${['', 'root', 'x.ts'].join('/')}`],
    ['a home', `cd ${['', 'home', 'ann'].join('/')}`],
    ['a registry', `"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/pg"`],
    ['a registry of another language', `https://${['pypi', 'org'].join('.')}/simple`],
  ])('would be found out for %s', (_what, line) => {
    expect(placesNamed('x', `\n${line}`)).toEqual([expect.stringMatching(/^x:2 holds /)]);
  });

  it('may name pages and folders of its own', () => {
    expect(placesNamed('x', 'https://example.org/home/page and ./work/x and /usr/lib/postgresql')).toEqual([]);
  });
});
