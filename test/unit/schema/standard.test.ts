import { entity, enumOf, integer, json, list, object, serial, text, uuid } from 'trivet';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { segmentsOf } from '../../../src/schema/standard.js';

const User = entity('users', {
  id: uuid().primaryKey(),
  name: text().trim().min(2),
  role: enumOf('user', 'admin').default('user'),
  profile: object({ age: integer().min(0), bio: text().optional() }).optional(),
  tags: list(object({ name: text() })).default([]),
});
const standard = User['~standard'];

describe('an entity is a Standard Schema', () => {
  test('of version 1', () => {
    expect(standard).toMatchObject({ version: 1, vendor: 'trivet' });
    expect(Object.isFrozen(standard)).toBe(true);
  });

  test('that gives the draft as it would be inserted', () => {
    const result = standard.validate({ name: ' Ann ' });
    expect(result).toEqual({ value: { id: expect.any(String), name: 'Ann', role: 'user', profile: null, tags: [] } });
    expect(standard.validate(result.value)).toEqual(result);
  });

  test('that tells every problem with the segments of its path', () => {
    const result = standard.validate({ name: 'x', profile: { age: -1 }, tags: [{ name: 'a' }, { name: 5 }], wrong: 1 });
    expect(result).toEqual({
      issues: [
        { message: 'must have at least 2 characters', path: ['name'] },
        { message: 'must be an integer from 0', path: ['profile', 'age'] },
        { message: 'must be text', path: ['tags', 1, 'name'] },
        { message: 'is no field', path: ['wrong'] },
      ],
    });
    expect(standard.validate(5)).toEqual({
      issues: [{ message: 'must be an object with the fields of the entity, got a number', path: [] }],
    });
  });

  test('whose output is a draft again: what hooks or the database make is not in it', () => {
    const Post = entity('posts', { id: serial().primaryKey(), slug: text().max(50).generated(), title: text() })[
      '~standard'
    ];
    const { value } = Post.validate({ title: 'x' });
    expect(value).toEqual({ title: 'x' });
    expect(Post.validate(value)).toEqual({ value });
  });

  test('that other schemas can be built on, and that takes them', () => {
    const asked = json(User as never);
    const Box = entity('boxes', { id: uuid().primaryKey(), user: asked })['~standard'];
    expect(Box.validate({ user: { name: 'Ann' } }).value.user.name).toBe('Ann');
    expect(Box.validate({ user: { name: 'x' } }).issues).toEqual([
      { message: 'must have at least 2 characters', path: ['user', 'name'] },
    ]);
  });
});

describe('paths', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a.b', ['a', 'b']],
    ['a[2]', ['a', 2]],
    ['a[2].b[0]', ['a', 2, 'b', 0]],
    ['[3].a', [3, 'a']],
    ['a[0][1]', ['a', 0, 1]],
  ])('%j has its segments', (path, segments) => {
    expect(segmentsOf(path)).toEqual(segments);
  });

  test('of another library become ours', () => {
    const checked = entity('x', {
      id: uuid().primaryKey(),
      a: json(z.object({ b: z.array(z.object({ c: z.number() })) })),
    });
    expect(checked['~standard'].validate({ a: { b: [{ c: 'x' }] } }).issues[0].path).toEqual(['a', 'b', 0, 'c']);
  });
});
