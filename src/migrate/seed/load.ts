import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Database } from '../../core/ports.js';
import { SeedFileError } from '../../errors/seed.js';
import { whyNotImported, whyUnreadable } from '../code-files.js';
import type { SeederSettings } from './options.js';
import { defineSeed, type Seed } from './seed.js';

/** Files that begin with `_` or `.`, types and tests lie beside the seeds. */
const SEED_FILE = /^(?![._]).*(?<!\.d|\.test|\.spec)\.[mc]?[tj]s$/;

/**
 * The seeds, in their order.
 * @throws TypeError for a value that is no seed; SeedFileError for a file that is none, and for two of one name
 */
export async function loadSeeds<D extends Database>({
  seeds,
  load,
}: Pick<SeederSettings<D>, 'seeds' | 'load'>): Promise<readonly Seed<D>[]> {
  const found =
    typeof seeds === 'string'
      ? await readFolder<D>(seeds, load)
      : seeds.map((each) => ({ seed: defineSeed(each), file: null }));
  const names = new Map<string, string | null>();
  for (const { seed, file } of found) {
    const other = names.get(seed.name);
    if (other !== undefined) {
      const message = `there are two seeds with the name \`${seed.name}\`${other === null ? '' : ` (${other})`}`;
      throw file === null
        ? new TypeError(`Expected \`seeds\` to have names of their own: ${message}`)
        : new SeedFileError(message, { file });
    }
    names.set(seed.name, file);
  }
  return found.map(({ seed }) => seed);
}

interface Found<D extends Database> {
  readonly seed: Seed<D>;
  readonly file: string | null;
}

async function readFolder<D extends Database>(folder: string, load: SeederSettings<D>['load']): Promise<Found<D>[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new SeedFileError(whyUnreadable(cause), { file: folder, cause });
  });
  const found: Found<D>[] = [];
  for (const name of names.filter((each) => SEED_FILE.test(each)).sort()) {
    const file = join(folder, name);
    found.push({ seed: seedOf<D>(await importOf(file, load), file), file });
  }
  return found;
}

async function importOf(file: string, load: SeederSettings['load']): Promise<unknown> {
  try {
    return await (load === null ? import(/* @vite-ignore */ pathToFileURL(file).href) : load(file));
  } catch (cause) {
    throw new SeedFileError(whyNotImported(cause, file), { file, cause });
  }
}

function seedOf<D extends Database>(module: unknown, file: string): Seed<D> {
  let found = (module as { readonly default?: unknown } | null | undefined)?.default;
  // CommonJS built from a module has its default export one deeper.
  if (typeof found === 'object' && found !== null && 'default' in found) found = found.default;
  try {
    return defineSeed<D>(found as Seed<D>);
  } catch (cause) {
    const message = `it has no seed as its default export: \`export default defineSeed({ name, run })\`. ${(cause as Error).message}. A file beside the seeds begins with \`_\``;
    throw new SeedFileError(message, { file, cause });
  }
}
