import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from './compiler.js';

const entities = readFileSync(new URL('entities.ts', import.meta.url), 'utf8');
const every = `
import * as t from 'trivet';
export const all = t.entity('all', {
  id: t.bigserial().primaryKey(), a: t.text().unique().optional(), b: t.date(), c: t.binary(), d: t.real(), e: t.decimal(), f: t.boolean(),
  g: t.geoPoint(), h: t.json().hidden(), i: t.list(t.integer()), j: t.enumOf('x'), k: t.timestamp(), l: t.uuid(), m: t.objectId(), n: t.bigint(),
  o: t.object({ p: t.serial() }), ...t.timestamps(), ...t.softDelete(), ...t.versioned(), ...t.fenced(),
});
export const indexes = [t.index('a'), t.index.geo('g')];
export const presets = t.timestamps();
export const where = t.or<typeof all>({ a: t.contains('x') });
export const patch = { n: t.increment(1n) };
`;

test('an application can emit declarations: every type that they name is exported by the package', () => {
  const program = compile({ 'own.ts': entities, 'every.ts': every });
  for (const name of ['own.ts', 'every.ts']) {
    expect(program.errorsOf(name)).toEqual([]);
    const declarations = program.declarationsOf(name);
    expect(declarations).toMatch(/Entity</);
    expect(declarations).not.toMatch(/src\//);
  }
});
