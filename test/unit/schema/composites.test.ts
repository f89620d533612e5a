import { boolean, enumOf, gte, type Issue, integer, json, list, object, text, timestamp } from 'trivet';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parserOf } from '../../../src/schema/parse.js';
import { fieldOf, input, operand } from './kit.js';

describe('a list', () => {
  const tags = list(text().trim().max(3)).min(1).max(2);

  test('gives a list of its own, with canonical items', () => {
    const given = [' a ', 'b'];
    expect(input(tags, given)).toEqual(['a', 'b']);
    expect(input(tags, given)).not.toBe(given);
    expect(given).toEqual([' a ', 'b']);
  });

  test('tells each bad item by its position', () => {
    expect(input(list(text().max(3)), ['a', 5, 'bcde', null, undefined])).toEqual([
      'it[1]: must be text',
      'it[2]: must have at most 3 characters',
      'it[3]: must not be null',
      'it[4]: must not be undefined',
    ]);
    expect(input(list(text()), new Array(2))).toEqual(['it[0]: must not be undefined', 'it[1]: must not be undefined']);
  });

  test('counts its items', () => {
    expect(input(tags, [])).toEqual(['it: must have at least 1 item']);
    expect(input(tags, ['a', 'b', 'c'])).toEqual(['it: must have at most 2 items']);
  });

  test.each([['abc'], [{ 0: 'a', length: 1 }], [new Set(['a'])], [new Uint8Array(2)]])(
    'refuses what is no list (%#)',
    (value) => {
      expect(input(tags, value)).toEqual(['it: must be a list']);
    },
  );

  test('an endless list of wrong items ends', () => {
    const told = input(list(text()), new Array(2 ** 32 - 1)) as string[];
    expect(told.length).toBeLessThanOrEqual(1_000);
  });

  test('an operand has items of the right type, whatever the rules', () => {
    expect(operand(tags, [])).toEqual([]);
    expect(operand(tags, [' abcd '])).toEqual(['abcd']);
    expect(operand(tags, [5])).toEqual(['it[0]: must be text']);
  });

  test('its item has a parser of its own', () => {
    const issues: Issue[] = [];
    const item = fieldOf(tags).item!;
    expect(parserOf(item).input(' a ', 'here', issues)).toBe('a');
    parserOf(item).input('abcd', 'here', issues);
    expect(issues).toEqual([{ path: 'here', message: 'must have at most 3 characters' }]);
  });

  test('of objects tells the field of the item', () => {
    const lines = list(object({ sku: text(), count: integer().min(1).default(1) }));
    expect(input(lines, [{ sku: 'a' }])).toEqual([{ sku: 'a', count: 1 }]);
    expect(input(lines, [{ sku: 'a', count: 0 }, {}, 'x'])).toEqual([
      'it[0].count: must be an integer from 1',
      'it[1].sku: is required',
      'it[2]: must be an object with `sku`, `count`',
    ]);
  });
});

describe('an object', () => {
  const address = object({
    city: text().trim().min(1),
    zip: text().optional(),
    kind: enumOf('home', 'work').default('home'),
  });

  test('holds every field, in the order of declaration', () => {
    const stored = input(address, { zip: '1', city: ' Paris ' }) as object;
    expect(stored).toEqual({ city: 'Paris', zip: '1', kind: 'home' });
    expect(Object.keys(stored)).toEqual(['city', 'zip', 'kind']);
    expect(input(address, { city: 'x' })).toEqual({ city: 'x', zip: null, kind: 'home' });
  });

  test('refuses keys that are no field, and says which one was meant', () => {
    expect(input(address, { city: 'x', zipp: '1' })).toEqual(['it.zipp: is no field; did you mean `zip`?']);
    expect(input(address, { city: 'x', unheardOf: 1 })).toEqual(['it.unheardOf: is no field']);
    expect(input(address, { city: 'x', ['k'.repeat(10_000)]: 1 })).toEqual([`it.${'k'.repeat(60)}…: is no field`]);
  });

  test('refuses explicit undefined, wherever it would be filled', () => {
    const told = 'must not be undefined';
    expect(input(address, { city: undefined })).toEqual([`it.city: ${told}`]);
    expect(input(address, { city: 'x', zip: undefined, kind: undefined })).toEqual([
      `it.zip: ${told}: leave it out, or give null for no value`,
      `it.kind: ${told}`,
    ]);
  });

  test('null is no value: not for a required field, and not for one with a default', () => {
    expect(input(address, { city: null, zip: null, kind: null })).toEqual([
      'it.city: must not be null',
      'it.kind: must not be null',
    ]);
  });

  test.each([[[]], ['x'], [5], [new Date()], [new Map([['city', 'x']])], [() => 1], [gte(1)]])(
    'refuses what has no fields of its own (%#)',
    (value) => {
      expect(input(address, value)).toEqual(['it: must be an object with `city`, `zip`, `kind`']);
    },
  );

  test('an instance of a class counts by its own properties', () => {
    class Draft {
      city = 'Paris';
      get zip(): string {
        return 'inherited';
      }
    }
    expect(input(address, new Draft())).toEqual({ city: 'Paris', zip: null, kind: 'home' });
  });

  test('what a prototype holds is not given', () => {
    const inherited = Object.create({ zip: 'inherited' });
    inherited.city = 'x';
    expect(input(address, inherited)).toEqual({ city: 'x', zip: null, kind: 'home' });
    const polluted = Object.prototype as { zip?: string };
    polluted.zip = 'polluted';
    try {
      expect(input(address, { city: 'x' })).toEqual({ city: 'x', zip: null, kind: 'home' });
    } finally {
      delete polluted.zip;
    }
  });

  test('JSON cannot reach a prototype', () => {
    expect(input(address, JSON.parse('{"city":"x","__proto__":{"zip":"y"}}'))).toEqual(['it.__proto__: is no field']);
    expect(input(address, JSON.parse('{"city":"x","constructor":{"prototype":{"zip":"y"}}}'))).toEqual([
      'it.constructor: is no field',
    ]);
    expect(({} as { zip?: string }).zip).toBeUndefined();
  });

  test('is read once: a getter cannot answer twice', () => {
    let calls = 0;
    const sly = {
      get city() {
        calls++;
        return calls === 1 ? 'Paris' : { $gt: '' };
      },
    };
    expect(input(address, sly)).toEqual({ city: 'Paris', zip: null, kind: 'home' });
  });

  test('tells problems of every level by dotted paths', () => {
    const deep = object({ a: object({ b: integer(), c: text() }), d: boolean() });
    expect(input(deep, { a: { b: 'x' }, d: 1 })).toEqual([
      'it.a.b: must be an integer',
      'it.a.c: is required',
      'it.d: must be true or false',
    ]);
  });

  test('is filled from the defaults of its fields when each has one or is optional', () => {
    const inner = object({ on: boolean().default(true), note: text().optional() });
    const outer = object({ inner, name: text().default('x') });
    expect(input(outer, {})).toEqual({ inner: { on: true, note: null }, name: 'x' });
    expect(input(object({ inner: object({ on: boolean() }) }), {})).toEqual(['it.inner: is required']);
    expect(input(object({ inner: inner.optional() }), {})).toEqual({ inner: null });
  });

  test('an own check of the whole object sees it filled', () => {
    const span = object({ from: timestamp(), to: timestamp() }).check(
      ({ from, to }) => from <= to,
      'must not end before it begins',
    );
    expect(input(span, { from: new Date(2), to: new Date(1) })).toEqual(['it: must not end before it begins']);
    expect(input(span, { from: new Date(1), to: new Date(2) })).toEqual({ from: new Date(1), to: new Date(2) });
  });
});

describe('a JSON value', () => {
  test('is copied, whatever JSON can say', () => {
    const given = { a: [1, 'x', null, true, { b: -0 }], c: {} };
    const stored = input(json(), given) as typeof given;
    expect(stored).toStrictEqual({ a: [1, 'x', null, true, { b: 0 }], c: {} });
    expect(stored.a).not.toBe(given.a);
    expect(input(json(), Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
    expect(input(json(), 'text')).toBe('text');
  });

  const PLAIN = 'must be plain JSON: text, number, true, false, null, list or plain object';
  const KEYS = 'must not have `__proto__`, `constructor`, `prototype` or ill-formed text as keys';

  test.each([
    [{ a: undefined }, `it.a: ${PLAIN}`],
    [{ a: [undefined] }, `it.a[0]: ${PLAIN}`],
    [[new Date()], `it[0]: ${PLAIN}`],
    [{ a: { b: () => 1 } }, `it.a.b: ${PLAIN}`],
    [{ a: [{ b: 1n }] }, `it.a[0].b: ${PLAIN}`],
    [{ a: Symbol('x') }, `it.a: ${PLAIN}`],
    [new Map(), `it: ${PLAIN}`],
    [
      new (class Point {
        x = 1;
      })(),
      `it: ${PLAIN}`,
    ],
    [gte(1), `it: ${PLAIN}`],
    [{ a: Number.NaN }, 'it.a: must be a finite number'],
    [{ a: 'x\0' }, 'it.a: must be well-formed text without NUL'],
    [{ 'a\0': 1 }, `it: ${KEYS}`],
    [{ [Symbol('x')]: 1 }, 'it: must not have symbols as keys'],
    [JSON.parse('{"a":{"__proto__":{"x":1}}}'), `it.a: ${KEYS}`],
    [JSON.parse('[{"constructor":1}]'), `it[0]: ${KEYS}`],
    [{ prototype: 1 }, `it: ${KEYS}`],
  ])('refuses what JSON cannot say (%#)', (value, message) => {
    expect(input(json(), value)).toEqual([message]);
  });

  const nested = (levels: number) => {
    let value: unknown = 1;
    for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
    return value;
  };

  test('is nested at most 90 levels deep, so that cycles end', () => {
    expect(input(json(), nested(90))).toEqual(nested(90));
    expect(input(json(), nested(91))).toEqual([expect.stringMatching(/must be nested at most 90 levels deep$/)]);
    const cycle: Record<string, unknown> = { wide: [] };
    for (let i = 0; i < 10; i++) cycle[`self${i}`] = cycle;
    expect(input(json(), cycle)).toEqual([expect.stringMatching(/must be nested at most 90 levels deep$/)]);
  });

  test('is bounded where shared parts multiply', () => {
    let value: unknown = 1;
    for (let i = 0; i < 80; i++) value = [value, value];
    expect(input(json(), value)).toEqual([expect.stringMatching(/must hold at most 1000000 values$/)]);
  });

  test('is checked by a schema, and what the schema gives is stored', () => {
    const settings = json(z.object({ theme: z.enum(['light', 'dark']), size: z.number().default(12) }));
    const given = { theme: 'dark' };
    expect(input(settings, given)).toEqual({ theme: 'dark', size: 12 });
    expect(given).toEqual({ theme: 'dark' });
    expect(input(settings, { theme: 'blue' })).toEqual([expect.stringMatching(/^it\.theme: /)]);
    expect(input(json(z.array(z.object({ n: z.number() }))), [{ n: 1 }, { n: 'x' }])).toEqual([
      expect.stringMatching(/^it\[1\]\.n: /),
    ]);
  });

  test('a schema sees nothing but a copy of plain JSON', () => {
    const seen: unknown[] = [];
    const spy = json(z.any().refine((value) => seen.push(value) > 0));
    const given = { a: 1 };
    input(spy, given);
    expect(seen).toStrictEqual([{ a: 1 }]);
    expect(seen[0]).not.toBe(given);
    expect(input(json(z.date().transform((at) => at.toISOString())), new Date())).toEqual([`it: ${PLAIN}`]);
  });

  test('a schema cannot store what JSON cannot say', () => {
    expect(input(json(z.string().transform((text) => new Date(text))), '2026-01-01')).toEqual([`it: ${PLAIN}`]);
    const dropping = json(z.object({ a: z.string() }).transform(({ a }) => ({ a, b: undefined })));
    expect(input(dropping, { a: 'x' })).toStrictEqual({ a: 'x' });
  });

  test('a schema does not keep hold of what is stored', () => {
    const kept: unknown[] = [];
    const spy = json(z.any().refine((value) => kept.push(value) > 0));
    const stored = input(spy, { a: [] });
    expect(stored).toEqual({ a: [] });
    expect(kept[0]).not.toBe(stored);
  });

  test('a schema that gives null gives no value', () => {
    const nothing = z.any().transform(() => null);
    expect(input(json(nothing).optional(), 1)).toBeNull();
    expect(
      input(
        json(nothing)
          .optional()
          .check(() => false),
        1,
      ),
    ).toBeNull();
    expect(input(json(nothing), 1)).toEqual(['it: must not become null by its schema']);
  });

  test('a schema must be synchronous', () => {
    const later = json(z.string().refine(async () => true));
    expect(input(later, 'x')).toEqual(['it: must be checked by a synchronous schema: this one gave a promise']);
  });
});
