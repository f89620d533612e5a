import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Compiler, compile } from './compile.js';
import { type Packed, root, run } from './packed.js';

export type Driver = 'pg' | 'mongodb' | 'ioredis';
export const DRIVERS: readonly Driver[] = ['pg', 'mongodb', 'ioredis'];

/** How a project's compiler looks modules up. */
export interface Resolution {
  readonly name: string;
  /** The fixture is copied to this file: its ending says which format it has under NodeNext. */
  readonly file: string;
  readonly module: string;
  readonly moduleResolution: string;
}

export const RESOLUTIONS: readonly Resolution[] = [
  { name: 'NodeNext, ESM', file: 'app.mts', module: 'nodenext', moduleResolution: 'nodenext' },
  { name: 'NodeNext, CJS', file: 'app.cts', module: 'nodenext', moduleResolution: 'nodenext' },
  { name: 'Bundler', file: 'app.ts', module: 'esnext', moduleResolution: 'bundler' },
];

/**
 * A project that installed the package and some drivers. The package is unpacked into it, so that what it imports is looked
 * up from there; what it depends on is linked.
 */
export class Consumer {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param from The package of this repository that stands for a driver, where it has another name: an older major. */
  static async install(
    packed: Packed,
    drivers: readonly Driver[],
    from: Partial<Readonly<Record<Driver, string>>> = {},
  ): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), 'trivet-consumer-'));
    const { dependencies } = JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    await cp(packed.folder, join(folder, 'node_modules', 'trivet'), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    const linked: string[] = [...Object.keys(dependencies), ...drivers, '@types/node'];
    if (drivers.includes('pg')) linked.push('@types/pg');
    for (const name of linked) {
      const path = join(folder, 'node_modules', name);
      await mkdir(dirname(path), { recursive: true });
      await symlink(join(root, 'node_modules', from[name as Driver] ?? name), path);
    }
    return new Consumer(folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a program, which says with `console.log(JSON.stringify(...))` what it found. */
  async run(format: 'mjs' | 'cjs', code: string): Promise<unknown> {
    const file = join(this.folder, `program.${format}`);
    await writeFile(file, code);
    const { stdout } = await run(process.execPath, [file], this.folder);
    return JSON.parse(stdout);
  }

  /** Compiles a fixture, and the package's declarations with it, strictly; rejects with the compiler's errors. */
  async compile(fixture: string, { file, module, moduleResolution }: Resolution, compiler?: Compiler): Promise<void> {
    await cp(join(root, 'test', 'package', 'fixtures', fixture), join(this.folder, file));
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      module,
      moduleResolution,
    };
    await writeFile(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
    await compile(this.folder, { compiler });
  }
}
