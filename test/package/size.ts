import { relative, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Subpaths that own the folder of their name; all other folders belong to the root. */
const OWNERS: ReadonlySet<string> = new Set([
  'postgres',
  'mongo',
  'memory',
  'cache',
  'pool',
  'migrate',
  'http',
  'telemetry',
  'testing',
]);

export interface Size {
  /** Bytes of the code that only this subpath has. */
  readonly own: number;
  /** Bytes of it together with what it imports of the others: what a bundle of an application grows by. */
  readonly whole: number;
}

/** How much a subpath brings, minified and compressed; packages and Node's modules stay outside. */
export async function sizeOf(source: string, subpath: string): Promise<Size> {
  const entry = resolve(source, subpath, 'index.ts');
  const isOwn = (file: string) => {
    const folder = relative(source, file).split(sep)[0]!;
    return OWNERS.has(subpath) ? folder === subpath : !OWNERS.has(folder);
  };
  return { own: await bundle(entry, isOwn), whole: await bundle(entry, () => true) };
}

async function bundle(entry: string, takes: (file: string) => boolean): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    legalComments: 'none',
    plugins: [
      {
        name: 'own',
        setup({ onResolve }) {
          onResolve({ filter: /^\./ }, ({ resolveDir, path }) =>
            takes(resolve(resolveDir, path)) ? undefined : { path, external: true },
          );
        },
      },
    ],
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
