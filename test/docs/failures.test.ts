import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/http/index.js';
import * as library from '../../src/index.js';

type ErrorClass = typeof library.TrivetError;

const page = readFileSync(fileURLToPath(new URL('../../docs/failures.md', import.meta.url)), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+Error)` \| (\d{3}) \|/gm)].map(
  ([, name, status]) => [name!, Number(status)] as const,
);
const exported = Object.entries(library)
  .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Error)
  .map(([name, value]) => [name, value as ErrorClass] as const);

describe('the table of error classes', () => {
  it('has every class that an application can meet', () => {
    const missing = exported.map(([name]) => name).filter((name) => !rows.some(([each]) => each === name));
    expect(missing).toEqual(['TrivetError']);
  });

  it.each(rows)('tells of %s its status, %i', (name, status) => {
    const type = exported.find(([each]) => each === name)?.[1];
    // Only its class and its code are looked at: what else an error has, each is made with in its own way.
    const error = Object.assign(Object.create(type!.prototype), { code: type!.code, issues: [], fields: [] });
    expect(problemOf(error).status).toBe(status);
  });

  it.each(exported)('tells how %s gets its code', (name, { code }) => {
    const words = name.replace(/Error$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_');
    expect(code).toBe(words.toUpperCase());
  });

  it('names no class that there is not', () => {
    const named = [...page.matchAll(/`([A-Z]\w+Error)`/g)].map(([, name]) => name!);
    const known = new Set([...exported.map(([name]) => name), 'TypeError']);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
