import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** All that a build reads: what is not listed cannot find its way into the package. */
const INPUTS = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'tsconfig.json', 'tsup.config.ts', 'src'];

/** The package as `npm publish` would send it. */
export interface Packed {
  readonly tarball: string;
  /** The tarball's content, as an installation would have it. */
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly size: number;
  readonly unpackedSize: number;
  remove(): Promise<void>;
}

/**
 * Builds and packs the sources in a temporary folder: the `dist` of a developer is neither used nor touched. Runs that follow on one another
 * share the tarball whose path `TRIVET_TARBALL` says.
 */
export async function pack(): Promise<Packed> {
  const made = process.env.TRIVET_TARBALL;
  const stage = await mkdtemp(join(tmpdir(), 'trivet-package-'));
  const remove = () => rm(stage, { recursive: true, force: true });
  try {
    if (made === undefined) await build(stage);
    const what = made === undefined ? [] : [made];
    const { stdout } = await run('npm', ['pack', ...what, '--json', '--ignore-scripts', '--offline'], stage);
    const [report] = JSON.parse(stdout) as [
      Omit<Packed, 'tarball' | 'folder' | 'remove'> & { readonly filename: string },
    ];
    const tarball = join(stage, report.filename);
    await run('tar', ['-xzf', tarball], stage);
    return { ...report, tarball, folder: join(stage, 'package'), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function build(stage: string): Promise<void> {
  await Promise.all(INPUTS.map((path) => cp(join(root, path), join(stage, path), { recursive: true })));
  await symlink(join(root, 'node_modules'), join(stage, 'node_modules'));
  await run(process.execPath, [bin('tsup/dist/cli-default.js'), '--silent'], stage);
}

/** A command line program of a development dependency. */
export function bin(path: string): string {
  return join(root, 'node_modules', path);
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program; what it said is in the error when it fails. */
export async function run(
  file: string,
  args: readonly string[],
  cwd: string,
  added: Readonly<Record<string, string>> = {},
): Promise<Output> {
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', npm_config_loglevel: 'error', ...added };
  try {
    return await promisify(execFile)(file, args, { cwd, env, maxBuffer: 64 * 2 ** 20 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<Output>;
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
