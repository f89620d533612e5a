import { describe, expect, it } from 'vitest';
import { Output } from '../../../src/migrate/cli/output.js';
import { ProgressLine } from '../../../src/migrate/cli/progress-line.js';
import { redact, redactMessage, secretsOf } from '../../../src/migrate/cli/redact.js';
import { counted, milliseconds, moment, table } from '../../../src/migrate/cli/table.js';
import type { World } from '../../../src/migrate/cli/world.js';

function screen(
  isTTY: boolean,
  columns = 80,
): { readonly written: string[]; readonly isTTY: boolean; columns: number; write(text: string): void } {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text) => void written.push(text) };
}

/** What is left on a terminal: `\r` goes back, and the escape sequence clears the line. */
function seen(written: readonly string[]): string {
  return written
    .join('')
    .split('\n')
    .map((line) => line.split('\r\u001b[2K').at(-1)!)
    .join('\n');
}

describe('progress', () => {
  it('is one line on a terminal, drawn anew at most every 100 ms, and gone before the next line', () => {
    const err = screen(true);
    let now = 0;
    const line = new ProgressLine(err, () => now);
    line.show('up 1 a', 0, 10);
    now = 50;
    line.show('up 1 a', 3, 10);
    expect(err.written).toHaveLength(1);
    now = 150;
    line.show('up 1 a', 5, 10);
    expect(seen(err.written)).toBe('up 1 a [############------------] 50%, 5 of 10');
    line.show('up 1 a', 10, 10);
    expect(seen(err.written)).toContain('100%');
    line.clear();
    line.clear();
    expect(seen(err.written)).toBe('');
  });

  it('never is longer than the terminal', () => {
    const err = screen(true, 20);
    new ProgressLine(err, () => 0).show('up 1 a_long_name', 1, 2);
    expect(seen(err.written)).toHaveLength(19);
  });

  it('is a line for each tenth elsewhere, a second after the one before at least, and none for the end', () => {
    const err = screen(false);
    let now = 0;
    const line = new ProgressLine(err, () => now);
    for (let done = 0; done <= 1_000; done++, now += 20) line.show('up 1 a', done, 1_000);
    expect(err.written).toHaveLength(9);
    expect(err.written[0]).toBe('up 1 a 10%, 100 of 1,000\n');
    for (let done = 0; done <= 1_000; done++) line.show('up 2 b', done, 1_000);
    expect(err.written).toHaveLength(9);
  });

  it('is a line every five seconds where the whole is not known', () => {
    const err = screen(false);
    let now = 0;
    const line = new ProgressLine(err, () => now);
    for (let done = 0; done < 12; done++, now += 1_000) line.show('up 1 a', done * 1_000, null);
    expect(err.written).toEqual(['up 1 a 5,000\n', 'up 1 a 10,000\n']);
  });
});

describe('a table', () => {
  it('has columns as wide as they need to be, and colours have no width', () => {
    expect(
      table(
        ['A', 'BEE', 'C'],
        [
          ['1', '\u001b[31m2\u001b[39m', 'x'],
          ['long', 'b', ''],
        ],
      ),
    ).toEqual(['A     BEE  C', '1     \u001b[31m2\u001b[39m    x', 'long  b']);
  });

  it('has durations, numbers and moments for people', () => {
    expect([milliseconds(null), milliseconds(12.4), milliseconds(1_234), milliseconds(90_000)]).toEqual([
      '',
      '12 ms',
      '1.2 s',
      '1.5 min',
    ]);
    expect([counted(0, 'row'), counted(1, 'row'), counted(1_200, 'row')]).toEqual(['no rows', '1 row', '1,200 rows']);
    expect(moment(new Date('2026-11-26T09:30:00.123Z'))).toBe('2026-11-26 09:30:00Z');
  });
});

describe('what may be a credential', () => {
  it.each([
    ['cannot reach postgres://app:pa@ss/w@db:5432/shop today', 'cannot reach postgres://***@db:5432/shop today'],
    ['mongodb+srv://u:p@h/d', 'mongodb+srv://***@h/d'],
    ['see https://example.org/a', 'see https://example.org/a'],
    ['two postgres://a:b@c and redis://:d@e', 'two postgres://***@c and redis://***@e'],
  ])('is taken out of URLs: %s', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it.each([
    ['host=db password=geheim user=app', 'host=db password=*** user=app'],
    ["password='a b' x", 'password=*** x'],
    ['{"password": "geheim"}', '{"password": ***}'],
    ['access_token=abc&x=1', 'access_token=***&x=1'],
    ['The function for the password failed', 'The function for the password failed'],
  ])('is taken out of messages: %s', (text, clean) => {
    expect(redactMessage(text)).toBe(clean);
  });

  it.each([
    ['a.', 'a.'],
    ['a://', 'a://'],
    ['a', '://'],
  ])('is looked for in a text of any length in time that grows with it alone: %s%s', (one, other) => {
    // With the square of the time each of them would take minutes.
    const text = one.repeat(200_000) + other.repeat(200_000);
    expect(redactMessage(text) === text).toBe(true);
    expect(redact(`${text}x@y`).endsWith('***@y')).toBe(text.includes('://'));
  });

  it('is known from the environment, as it is written and as it is sent', () => {
    const secrets = secretsOf({
      DATABASE_URL: 'postgres://app:s%40cret-1@db/shop',
      PGPASSWORD: 'another-one',
      OTHER: 'x',
    });
    expect(redact('was s@cret-1 or s%40cret-1 or another-one', secrets)).toBe('was *** or *** or ***');
    expect(secretsOf({ DATABASE_URL: 'postgres://postgres:postgres@db/postgres' })).toEqual([]);
  });
});

describe('the output', () => {
  function outputs(
    isTTY: boolean,
    env: Record<string, string> = {},
    style: Partial<ConstructorParameters<typeof Output>[1]> = {},
  ) {
    const [out, err] = [screen(isTTY), screen(isTTY)];
    const world = { stdout: out, stderr: err, env, now: () => 0 } as unknown as World;
    return {
      out,
      err,
      output: new Output(world, { json: false, quiet: false, color: true, verbose: false, ...style }, []),
    };
  }

  it('has colours on a terminal, and none elsewhere, with NO_COLOR, with --no-color or on a dumb one', () => {
    expect(outputs(true).output.paint('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(outputs(false).output.paint('red', 'x')).toBe('x');
    expect(outputs(true, { NO_COLOR: '1' }).output.paint('red', 'x')).toBe('x');
    expect(outputs(true, { TERM: 'dumb' }).output.paint('red', 'x')).toBe('x');
    expect(outputs(true, {}, { color: false }).output.paintError('red', 'x')).toBe('x');
  });

  it('takes the bar away before it writes a line', () => {
    const { err, output } = outputs(true);
    output.begin('up 1 a');
    output.note('Waiting');
    expect(seen(err.written)).toBe('Waiting\n');
  });

  it('says nothing of what happens when it is quiet, and errors all the same', () => {
    const { out, err, output } = outputs(false, {}, { quiet: true });
    output.begin('up 1 a');
    output.progress('up 1 a', 5, 10);
    output.note('x');
    output.done('y');
    output.line('result');
    output.error('wrong');
    expect([out.written, err.written]).toEqual([['result\n'], ['wrong\n']]);
  });

  it('shows what would steer the terminal, whoever called something so, and keeps its own colours', () => {
    const { out, err, output } = outputs(true);
    const name = 'a\u001b]0;owned\u0007\u001b[2J\u009b2J\rb\b\u007f';
    output.line(`${output.paint('dim', name)}\tc\r\nd`);
    output.note(name);
    output.error(name);
    output.begin(name);
    const safe = 'a\\x1b]0;owned\\x07\\x1b[2J\\x9b2J\\x0db\\x08\\x7f';
    expect(out.written).toEqual([`\u001b[2m${safe}\u001b[22m\tc\r\nd\n`]);
    expect(seen(err.written).split('\n')).toEqual([safe, safe, `${safe} 0`]);
  });

  it('writes a document without credentials, and with big integers as text', () => {
    const { out, output } = outputs(false, {}, { json: true });
    output.line('not this');
    output.document({ url: 'postgres://a:b@c', n: 2n ** 60n, at: new Date(0) });
    expect(JSON.parse(out.written.join(''))).toEqual({
      url: 'postgres://***@c',
      n: '1152921504606846976',
      at: '1970-01-01T00:00:00.000Z',
    });
  });
});
