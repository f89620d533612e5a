import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { compileProjection } from '../../../src/mongo/compile-read.js';
import { compileUpsert } from '../../../src/mongo/compile-upsert.js';
import { compileAssignments } from '../../../src/mongo/compile-write.js';
import { rowReader } from '../../../src/mongo/documents.js';
import { objectEncoder } from '../../../src/mongo/fields.js';
import type { Clause } from '../../../src/query/clause.js';
import type { Assignment, UpsertCommand } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { bson, field, names, shown, Thing } from './models.js';

type Spec = readonly [op: Assignment['op'], path: string, value?: unknown];
const assignments = (specs: readonly Spec[]): Assignment[] =>
  specs.map(([op, path], slot) => ({ op, field: field(path), slot: op === 'clear' ? -1 : slot }));
const change = (...specs: Spec[]): string =>
  shown(compileAssignments(assignments(specs), names, bson)(specs.map(([, , value]) => value)));

describe('a patch', () => {
  it("has one operator for each operation, and values of the field's BSON type", () => {
    expect(change(['set', 'age', 3], ['clear', 'role'], ['increment', 'visits', 1], ['increment', 'ratio', 1])).toBe(
      '{"$set":{"age":{"$numberInt":"3"}},"$unset":{"role":""},"$inc":{"visits":{"$numberInt":"1"},"ratio":{"$numberDouble":"1.0"}}}',
    );
    expect(change(['minimum', 'price', '1'], ['maximum', 'big', 2n])).toBe(
      '{"$min":{"price":{"$numberDecimal":"1"}},"$max":{"big":{"$numberLong":"2"}}}',
    );
    expect(change(['push', 'tags', ['a', 'a']], ['addToSet', 'scores', [1]])).toBe(
      '{"$push":{"tags":{"$each":["a","a"]}},"$addToSet":{"scores":{"$each":[{"$numberInt":"1"}]}}}',
    );
    expect(change(['pull', 'tags', ['a']])).toBe('{"$pullAll":{"tags":["a"]}}');
  });

  it('stores no null inside an object, and changes one path by its dotted name', () => {
    expect(change(['set', 'profile', { bio: null, deep: { count: null } }])).toBe('{"$set":{"profile":{"deep":{}}}}');
    expect(change(['set', 'profile.deep.count', 1])).toBe('{"$set":{"profile.deep.count":{"$numberInt":"1"}}}');
  });
});

describe('a document', () => {
  const encode = objectEncoder(Thing.fields, (each) => names.top(each), bson);
  it('has the key as `_id` first, the order of the entity, and no nulls', () => {
    const row = { visits: 0, email: 'a', id: '018f0000-0000-7000-8000-000000000001', age: null, renamed: 'r' };
    expect(Object.keys(encode(row))).toEqual(['_id', 'email', 'visits', 'other']);
  });

  it('keeps the nulls of JSON, and keys that mean something to the driver', () => {
    const data = JSON.parse('{"a":null,"_bsontype":"ObjectId","list":[null,{"__proto__":1}]}');
    const document = encode({ data });
    const read = rowReader([field('data')], names);
    const stored = read(Buffer.from(BSON.serialize(document)), 0);
    expect(JSON.stringify(stored['data'])).toBe(JSON.stringify(data));
  });
});

describe('a projection', () => {
  it('names the selected fields and drops `_id` unless it is selected', () => {
    expect(compileProjection([field('email')], names)).toEqual({ email: 1, _id: 0 });
    expect(compileProjection([field('id'), field('renamed')], names)).toEqual({ _id: 1, other: 1 });
    expect(compileProjection(Thing.fields, names)).toBeUndefined();
  });
});

describe('an upsert', () => {
  const row: StoredRow = Object.fromEntries(Thing.fields.map((each) => [each.name, null]));
  const command = (changes: readonly Spec[], more: StoredRow, on = 'email'): UpsertCommand => ({
    kind: 'upsert',
    entity: Thing,
    shape: '',
    row: { ...row, id: '018f0000-0000-7000-8000-000000000001', email: 'a', visits: 0, ...more },
    on: [field(on)],
    assignments: assignments(changes),
    values: changes.map(([, , value]) => value),
    select: Thing.fields,
  });
  const compiled = (each: UpsertCommand) => compileUpsert(each, names, bson);

  it('looks for exactly the unique value among the rows that are not deleted', () => {
    const each = command([], {});
    expect(compiled(each).filter(each)).toEqual({ email: { $eq: 'a' }, deletedAt: { $eq: null } });
  });

  it('inserts what neither its filter nor its changes store, and never the null of its filter', () => {
    const each = command([['set', 'age', 3]], { age: 3 });
    const update = compiled(each).upsert(each);
    expect(Object.keys(update!['$setOnInsert'] as object)).toEqual(['_id', 'visits']);
    expect(update!['$unset']).toEqual({ deletedAt: '' });
  });

  it('takes an object apart where a change concerns a path in it', () => {
    const profile = { bio: 'b', deep: { count: 1 } };
    const each = command([['set', 'profile.bio', 'b']], { profile });
    const update = compiled(each).upsert(each);
    expect(Object.keys(update!['$setOnInsert'] as object)).toContain('profile.deep');
    expect(Object.keys(update!['$setOnInsert'] as object)).not.toContain('profile');
  });

  it('takes two steps where the changes would show in the inserted row', () => {
    const two = [
      command([['increment', 'visits', 5]], { visits: 0 }),
      command([['set', 'age', 3]], { age: 4 }),
      command([['push', 'tags', ['a']]], { tags: ['a'] }),
      command([['clear', 'profile.bio']], { profile: { bio: null, deep: null } }),
    ];
    for (const each of two) expect(compiled(each).upsert(each)).toBeNull();
  });

  it('asks a guard beside the unique value, in a step of its own: parts of its filter would be stored', () => {
    const guard: Clause = { op: 'eq', field: field('role'), slot: 0 };
    const each: UpsertCommand = { ...command([], {}), guard, values: ['x'] };
    expect(compiled(each).filter(each)).toEqual({
      $and: [{ email: { $eq: 'a' }, deletedAt: { $eq: null } }, { role: { $eq: 'x' } }],
    });
    expect(compiled(each).upsert(each)).toBeNull();
    expect(compiled(each).change(each.values)).toEqual({ $setOnInsert: { '~': '' } });
  });

  it('takes one step where they would not', () => {
    const one = [
      command([['increment', 'visits', 5]], { visits: 5 }),
      command([['maximum', 'age', 3]], { age: 3 }),
      command([['clear', 'role']], {}),
    ];
    for (const each of one) expect(compiled(each).upsert(each)).not.toBeNull();
  });
});
