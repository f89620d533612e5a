import { describe, expect, it } from 'vitest';
import { HANDBOOK } from '../../../src/migrate/cli/commands.js';
import { EXIT, MEANINGS, worst } from '../../../src/migrate/cli/exit-codes.js';
import { COMMON, OPTIONS } from '../../../src/migrate/cli/options.js';
import { Project } from './kit.js';

describe('a command line', () => {
  it.each([
    ['', /^Error: Which command\? There are migrate, seed, schema$/m],
    ['migrate', /Which `migrate`\? There are up, down, to/],
    ['migrat up', /There is no command `migrat`; did you mean `migrate`\?/],
    ['migrate upp', /There is no command `migrate upp`; did you mean `up`\?/],
    ['rollback', /There is no command `rollback`$/m],
    ['up', /There is no command `up`; did you mean `migrate up`\?/],
    ['seed undoo', /does not know what to do with `undoo`; did you mean `undo`\?/],
    ['migrate up --stpes 2', /`migrate up` has no option `--stpes`; did you mean `--steps`\?/],
    ['migrate status --drop', /`migrate status` has no option `--drop`/],
    ['--frobnicate', /There is no option `--frobnicate`/],
    ['migrate up --steps', /--steps needs a value: --steps <n>/],
    ['migrate up --to --quiet', /--to needs a value: --to <version>/],
    ['migrate up --json=yes', /--json takes no value/],
    ['migrate up --to 1 --to 2', /--to was given twice/],
    ['migrate up --steps two', /`--steps two` is no whole number from 1/],
    ['migrate up --steps 0', /`--steps 0` is no whole number from 1/],
    ['migrate up --wait 5', /`--wait 5` is no duration such as '30s'/],
    ['migrate up --to 1 --steps 2', /How far was said twice/],
    ['migrate down 2 --steps 2', /How far was said twice/],
    ['migrate down -1', /has no option `-1`/],
    ['migrate down all', /`all` is no whole number from 1/],
    ['migrate up 3', /`migrate up` does not know what to do with `3`/],
    ['migrate to', /`migrate to` needs a version/],
    ['migrate to latest', /`latest` is no version/],
    ['migrate baseline x', /`x` is no version/],
    ['migrate create', /`migrate create` needs a name/],
    ['migrate create ../x', /`..\/x` is no name/],
    ['migrate create x --kind sqll', /`--kind sqll` is none of sql, ts, js, mjs; did you mean `sql`\?/],
    ['migrate repair --applied 1 --forget 1 --yes', /1 cannot be both --applied and --forget/],
    ['seed undo', /Nothing was done: say so with --yes/],
    ['schema diff --rename x', /`--rename x` is no rename/],
    ['schema diff --drop-table old --write x', /Nothing was written: say so with --yes/],
    ['schema diff --drop --write x', /Nothing was written: say so with --yes/],
  ])('that is wrong is refused with 64, and says what was meant: %s', async (line, message) => {
    const { code, out, err } = await new Project().run(line);
    expect(err).toMatch(message);
    expect(err).toMatch(/^Next: `trivet .*--help` says how$/m);
    expect({ code, out }).toEqual({ code: 64, out: '' });
  });

  it('that is wrong is answered by one document with --json', async () => {
    const { code, document } = await new Project().json('migrate upp');
    expect(code).toBe(64);
    expect(document).toMatchObject({ exit: 64, error: { code: 'USAGE', message: expect.stringContaining('`up`') } });
  });

  it('takes options before, between and behind the words', async () => {
    for (const line of [
      '--help migrate up',
      'migrate --help up',
      'migrate up --help',
      'migrate up -h',
      'help migrate up',
    ]) {
      expect((await new Project().run(line)).out).toContain('trivet migrate up: applies');
    }
  });
});

describe('the help', () => {
  it('of the program names every command and every exit code', async () => {
    const { code, out } = await new Project().run('--help');
    expect(code).toBe(0);
    for (const { name } of HANDBOOK.commands) expect(out).toContain(name);
    for (const exit of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^ {2}${exit} `, 'm'));
  });

  it.each(HANDBOOK.groups.map(({ name }) => [name]))('of the group %s names its commands', async (name) => {
    const { out } = await new Project().run(`help ${name}`);
    for (const command of HANDBOOK.commands.filter((each) => each.name.split(' ')[0] === name)) {
      expect(out).toContain(command.name);
    }
  });

  it.each(HANDBOOK.commands.map((command) => [command.name, command] as const))(
    'of `%s` says what it does, its options, an example and its exit codes, and fits the screen',
    async (name, { does, options, examples, exits }) => {
      const { code, out } = await new Project().run(`${name} --help`);
      expect(code).toBe(0);
      expect(out).toContain(does);
      for (const option of [...options, ...COMMON]) expect(out).toContain(`--${option}`);
      expect(examples.length).toBeGreaterThan(0);
      for (const { line } of examples) expect(out).toContain(line);
      for (const exit of exits) expect(out).toContain(MEANINGS[exit].slice(0, 20));
      for (const line of out.split('\n').filter((each) => !each.includes('npx'))) expect(line.length).toBeLessThan(160);
    },
  );

  it('shows examples that are understood', async () => {
    for (const { line } of [...HANDBOOK.examples, ...HANDBOOK.commands.flatMap((each) => each.examples)]) {
      const words = line.replace(/^npx trivet /, '');
      expect((await new Project().run(`${words} --version`)).out).toContain('1.2.3');
    }
  });

  it('is one document with --json, and so is the version', async () => {
    expect((await new Project().json('migrate up --help')).document.help).toContain('applies the migrations');
    expect((await new Project().json('--version')).document).toEqual({ version: '1.2.3' });
  });
});

describe('the tables', () => {
  it('have no option that no command takes', () => {
    const used = new Set([...COMMON, ...HANDBOOK.commands.flatMap(({ options }) => options)]);
    expect(Object.keys(OPTIONS).filter((name) => !used.has(name as keyof typeof OPTIONS))).toEqual([]);
  });

  it('have no two options with one letter', () => {
    const letters = Object.values(OPTIONS).flatMap(({ short }) => (short === undefined ? [] : [short]));
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('give the worst of several exit codes', () => {
    expect(worst([0, 2, 0])).toBe(2);
    expect(worst([2, 4, 3])).toBe(4);
    expect(worst([4, 1])).toBe(1);
    expect(worst([])).toBe(0);
  });
});
