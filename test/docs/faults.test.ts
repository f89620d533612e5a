import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const rows = readFileSync(root('docs/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| fault '))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));

describe('the table of faults', () => {
  it('has what is known of servers, networks and processes', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows)('names the test of: %s', (_fault, title, file) => {
    expect(existsSync(root(file!)), `${file} is there`).toBe(true);
    // Where the text is written in several lines it is compared word by word.
    const text = readFileSync(root(file!), 'utf8').replaceAll(/\s+/g, ' ');
    expect(text.includes(title!), `${file} has a test "${title}"`).toBe(true);
  });
});
