import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = readFileSync(root('CONTRIBUTING.md'), 'utf8');
const paths = [...page.matchAll(/`((?:src|test|docs)\/[\w./-]*|[\w.-]+\.(?:json|config\.ts))`/g)].map(
  ([, path]) => path!,
);

describe('the page for those who change the library', () => {
  it('names files and folders that exist', () => {
    expect(paths.length).toBeGreaterThan(60);
    expect(paths.filter((path) => !existsSync(root(path)))).toEqual([]);
  });

  it('names every folder of src with its level', () => {
    const rows = page.split('\n').filter((line) => /^\| \d \|/.test(line));
    const named = rows.flatMap((line) => [...line.split('|')[2]!.matchAll(/`(\w+)`/g)].map(([, folder]) => folder!));
    expect(named.filter((folder) => !existsSync(root(`src/${folder}`)))).toEqual([]);
    expect(named).toHaveLength(14);
  });

  it('names every folder of test', () => {
    const table = page.slice(page.indexOf('| folder of `test/` |'), page.indexOf('## To add a verb that reads'));
    const named = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', '));
    const folders = readdirSync(root('test'), { withFileTypes: true }).filter((each) => each.isDirectory());
    expect(named.sort()).toEqual(folders.map(({ name }) => name).sort());
  });
});
