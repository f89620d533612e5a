import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../../errors/config.js';

/** What Node says of TypeScript that it does not read, or that names another file by the ending that it has after compiling. */
const BEYOND_NODE: readonly string[] = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
];

/**
 * Imports a file of code. TypeScript is read through `tsx`, if the file's project has it, else by Node itself, which does so from 22.18 on. Node is not tried
 * first: what it could not read of a project of CommonJS, it remembers as an empty module.
 * @throws ConfigError when nothing reads it
 */
export async function loadCode(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  if (!/\.[mc]?ts$/.test(file) || (await startTsx(file))) return unwrapped(await import(url));
  try {
    return unwrapped(await import(url));
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (!(error instanceof SyntaxError) && (typeof code !== 'string' || !BEYOND_NODE.includes(code))) throw error;
    throw new ConfigError(file, [{ path: '', message: unreadable(file, error as Error) }], { cause: error });
  }
}

function unreadable(file: string, error: Error): string {
  if (!/extension "\.[mc]?ts"/.test(error.message)) {
    return `it cannot be loaded: ${error.message}. What Node does not read of TypeScript, \`npm install --save-dev tsx\` does`;
  }
  const name = basename(file);
  const other = name.replace(/\.[mc]?ts$/, '.mjs');
  return (
    `Node ${process.version} does not read TypeScript. Three ways: run with Node 22.18 or later; ` +
    `\`npm install --save-dev tsx\`; or write it in JavaScript, as \`${other}\``
  );
}

let started = false;

/**
 * Lets `tsx` read TypeScript from now on, in this process and its one graph of modules: what `tsImport` of the same package loads has copies of
 * its own of everything, of this library too. False where the project does not have it.
 */
async function startTsx(file: string): Promise<boolean> {
  if (started) return true;
  const require = createRequire(file);
  let manifest: string;
  try {
    manifest = require.resolve('tsx/package.json');
  } catch {
    return false;
  }
  const { exports } = require(manifest) as {
    readonly exports: Readonly<Record<string, { readonly import: { readonly default: string } }>>;
  };
  // By its path: `require` would find the CJS build, which starts its hooks from a place where they are not.
  for (const name of ['./cjs/api', './esm/api']) {
    const api = (await import(pathToFileURL(join(dirname(manifest), exports[name]!.import.default)).href)) as {
      register(): unknown;
    };
    api.register();
  }
  started = true;
  return true;
}

/** A module of CJS that was compiled from ESM has its exports one level down. */
function unwrapped(module: unknown): unknown {
  const inner = (module as { readonly default?: unknown }).default;
  return typeof inner === 'object' && inner !== null && (inner as { readonly __esModule?: unknown }).__esModule === true
    ? inner
    : module;
}
