import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Parts } from '../../../src/migrate/cli/parts.js';
import { run } from '../../../src/migrate/cli/run.js';
import type { Screen } from '../../../src/migrate/cli/world.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a command line said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Whether stdout and stderr are terminals. */
  readonly isTTY?: boolean;
  readonly parts?: Partial<Parts>;
  readonly cwd?: string;
  /** The clock of the progress; it stands still by default. */
  readonly now?: () => number;
}

const NO_PARTS: Parts = {
  diffSchema: () => Promise.reject(new Error('no diff here')),
  renderMigrations: () => [],
  seeder: () => {
    throw new Error('no seeder here');
  },
};

let projects = 0;

/** A folder with files, in which command lines run in this process. It is gone when the test is done. */
export class Project {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(files: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) {
    // Below the repository, so that `trivet` means the sources, as in every test.
    this.folder = join(root, 'test-results', `cli-${process.pid}-${projects++}`);
    this.#env = env;
    mkdirSync(this.folder, { recursive: true });
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    this.write(files);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text);
    }
  }

  /** Runs `npx trivet <line>`; a word has no spaces. */
  async run(line: string, { env, signal, isTTY, parts, cwd, now }: Circumstances = {}): Promise<Said> {
    const screens = { out: '', err: '' };
    const screen = (name: 'out' | 'err'): Screen => ({
      write: (text) => {
        screens[name] += text;
      },
      isTTY,
      columns: 80,
    });
    const code = await run({
      argv: line.split(' ').filter((word) => word !== ''),
      cwd: cwd ?? this.folder,
      env: { ...this.#env, ...env },
      stdout: screen('out'),
      stderr: screen('err'),
      signal: signal ?? new AbortController().signal,
      now: now ?? (() => 0),
      version: '1.2.3',
      parts: { ...NO_PARTS, ...parts },
      load: (file) => import(/* @vite-ignore */ file),
    });
    return { code, ...screens };
  }

  /** The same with `--json`: its one document. */
  async json(
    line: string,
    circumstances: Circumstances = {},
  ): Promise<{ readonly code: number; readonly document: any }> {
    const { code, out } = await this.run(`${line} --json`, circumstances);
    return { code, document: JSON.parse(out) };
  }
}

/** An SQL migration. */
export function sqlFile(up: string, down = 'select 1', options = ''): string {
  return `-- migrate:up${options === '' ? '' : ` ${options}`}\n${up};\n\n-- migrate:down${options === '' ? '' : ` ${options}`}\n${down};\n`;
}
