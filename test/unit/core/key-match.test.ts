import { describe, expect, it } from 'vitest';
import { converter, identityOf } from '../../../src/core/key-match.js';
import {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  integer,
  json,
  list,
  objectId,
  real,
  text,
  timestamp,
  uuid,
} from '../../../src/index.js';
import { modelOf } from '../../../src/schema/entity.js';
import type { FieldModel, Value } from '../../../src/schema/model.js';

const Keys = modelOf(
  entity('keys', {
    id: uuid().primaryKey(),
    text: text(),
    short: text().max(3),
    uuid: uuid(),
    objectId: objectId(),
    enum: enumOf('a', 'b'),
    integer: integer(),
    small: integer().max(10),
    real: real(),
    bigint: bigint(),
    decimal: decimal(),
    boolean: boolean(),
    timestamp: timestamp(),
    date: date(),
    json: json(),
    binary: binary(),
    list: list(text()),
  }),
);

function field(name: string): FieldModel {
  return Keys.fields.find((each) => each.name === name)!;
}

function converted(from: string, to: string, value: Value): Value | undefined {
  return converter(field(from), field(to))!(value);
}

const U = '0190b5a0-0000-7000-8000-000000000000';

describe('a key of one field', () => {
  it('is itself in a field of the same kind', () => {
    const at = new Date(7);
    const same: readonly [string, Value][] = [
      ['text', 'x'],
      ['uuid', U],
      ['enum', 'a'],
      ['integer', 1],
      ['real', 1.5],
      ['bigint', 2n ** 60n],
      ['decimal', '1.5'],
      ['boolean', false],
      ['timestamp', at],
      ['date', '2024-02-29'],
    ];
    for (const [kind, value] of same) expect(converted(kind, kind, value)).toBe(value);
  });

  it('is the same number in a field of another kind, without losing a digit', () => {
    expect(converted('integer', 'bigint', 5)).toBe(5n);
    expect(converted('bigint', 'integer', -5n)).toBe(-5);
    expect(converted('integer', 'decimal', 5)).toBe('5');
    expect(converted('decimal', 'integer', '5')).toBe(5);
    expect(converted('decimal', 'bigint', '1234567890123456789')).toBe(1234567890123456789n);
    expect(converted('decimal', 'real', '0.1')).toBe(0.1);
    expect(converted('real', 'decimal', 0.1)).toBe('0.1');
    expect(converted('real', 'integer', 3)).toBe(3);
  });

  it('is in no row of a field that cannot hold it, so that nothing is asked for', () => {
    expect(converted('bigint', 'integer', 2n ** 53n + 1n)).toBeUndefined();
    expect(converted('bigint', 'real', 2n ** 53n + 1n)).toBeUndefined();
    expect(converted('real', 'integer', 1.5)).toBeUndefined();
    expect(converted('real', 'bigint', 1.5)).toBeUndefined();
    expect(converted('decimal', 'bigint', '1.5')).toBeUndefined();
    expect(converted('decimal', 'bigint', '99999999999999999999')).toBeUndefined();
    expect(converted('decimal', 'real', '0.1234567890123456789')).toBeUndefined();
    expect(converted('text', 'uuid', 'x')).toBeUndefined();
    expect(converted('text', 'objectId', 'x')).toBeUndefined();
    expect(converted('text', 'enum', 'c')).toBeUndefined();
    expect(converted('uuid', 'objectId', U)).toBeUndefined();
  });

  it('is the same text in a field of another kind, in its canonical form', () => {
    expect(converted('text', 'uuid', U.toUpperCase())).toBe(U);
    expect(converted('uuid', 'text', U)).toBe(U);
    expect(converted('objectId', 'text', '0123456789abcdef01234567')).toBe('0123456789abcdef01234567');
    expect(converted('text', 'objectId', '0123456789ABCDEF01234567')).toBe('0123456789abcdef01234567');
    expect(converted('text', 'enum', 'a')).toBe('a');
    expect(converted('enum', 'text', 'a')).toBe('a');
  });

  it('has no relation to a field of a kind that it can never equal', () => {
    const never: readonly [string, string][] = [
      ['text', 'integer'],
      ['integer', 'text'],
      ['boolean', 'integer'],
      ['timestamp', 'date'],
      ['timestamp', 'text'],
      ['json', 'json'],
      ['binary', 'binary'],
      ['list', 'list'],
      ['list', 'text'],
    ];
    for (const [from, to] of never) expect(converter(field(from), field(to)), `${from} to ${to}`).toBeNull();
  });
});

describe('the identity of a key', () => {
  it('is equal for equal moments, which are different objects', () => {
    const identify = identityOf(field('timestamp'));
    expect(identify(new Date(5))).toBe(identify(new Date(5)));
    expect(identify(new Date(5))).not.toBe(identify(new Date(6)));
  });

  it('is the value itself for every other kind', () => {
    expect(identityOf(field('decimal'))('1.5')).toBe('1.5');
    expect(identityOf(field('bigint'))(5n)).toBe(5n);
    expect(identityOf(field('boolean'))(false)).toBe(false);
  });
});
