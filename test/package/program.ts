import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Consumer } from './consumer.js';
import { root } from './packed.js';

/** What the program said, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let projects = 0;

/** A project within a consumer, whose packages it has; the program is linked as an installation links it. */
export class ProgramProject {
  readonly #consumer: Consumer;
  readonly #folder: string;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
    this.#folder = join(consumer.folder, `project-${projects++}`);
  }

  static async make(consumer: Consumer, files: Readonly<Record<string, string>>): Promise<ProgramProject> {
    const project = new ProgramProject(consumer);
    for (const [name, text] of Object.entries(files)) {
      const path = join(project.#folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    const bin = join(consumer.folder, 'node_modules', '.bin');
    await mkdir(bin, { recursive: true });
    await symlink(join('..', 'trivet', 'dist', 'cli.js'), join(bin, 'trivet')).catch(() => {});
    await chmod(join(consumer.folder, 'node_modules', 'trivet', 'dist', 'cli.js'), 0o755);
    return project;
  }

  async run(line: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const bin = join(this.#consumer.folder, 'node_modules', '.bin', 'trivet');
    const child = spawn(process.execPath, [bin, ...line.split(' ')], {
      cwd: this.#folder,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', err: '' };
    child.stdout.on('data', (text) => {
      said.out += text;
    });
    child.stderr.on('data', (text) => {
      said.err += text;
    });
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...said };
  }
}

/** Lets a consumer have a package that this repository has. */
export async function link(consumer: Consumer, name: string): Promise<void> {
  await symlink(join(root, 'node_modules', name), join(consumer.folder, 'node_modules', name));
}

/** Files of a project in TypeScript, which says things that Node alone does not read: an enum, and `./user.js` for `user.ts`. */
export function typescriptFiles(
  url: string,
  type: 'module' | 'commonjs',
  ledger: string,
): Readonly<Record<string, string>> {
  return {
    'package.json': JSON.stringify({ private: true, type }),
    'user.ts': `
      import { entity, integer } from 'trivet';
      export enum Age { Least = 7 }
      export const User = entity('${ledger}_users', { id: integer().primaryKey(), age: integer().min(Age.Least as number) });`,
    'trivet.config.ts': `
      import { PostgresDatabase } from 'trivet';
      import { defineConfig } from 'trivet/migrate';
      import { User } from './user.js';
      export default defineConfig({
        database: () => new PostgresDatabase({ url: ${JSON.stringify(url)} as string }),
        entities: [User],
        ledger: '${ledger}',
      });`,
    'migrations/001_users.ts': `
      import { type PostgresDatabase, sql } from 'trivet';
      import { defineMigration } from 'trivet/migrate';
      import { Age, User } from '../user.js';
      export default defineMigration<PostgresDatabase>({
        up: async ({ db }) => {
          await db.ensureSchema([User]);
          await db.query(sql\`insert into ${ledger}_users (id, age) values (\${1}, \${Age.Least})\`);
        },
        down: async ({ db }) => {
          await db.query('drop table ${ledger}_users');
        },
      });`,
  };
}
