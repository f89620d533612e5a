import { addToSet, gte, increment, maximum, minimum, pull, push } from 'trivet';
import { describe, expect, it } from 'vitest';
import { bookkeeping, parsePatch } from '../../../src/query/parse-patch.js';
import { parsing } from './entities.js';

function parsed(patch: unknown): string[] {
  const state = parsing();
  const assignments = parsePatch(state, patch);
  expect(state.issues).toEqual([]);
  const value = (slot: number) =>
    slot < 0
      ? ''
      : ` ${JSON.stringify(state.values[slot], (_, each) => (typeof each === 'bigint' ? `${each}n` : each))}`;
  return assignments.map(({ op, field, slot }) => `${op} ${field.path}${value(slot)}`);
}

function issues(patch: unknown): readonly { path: string; message: string }[] {
  const state = parsing();
  parsePatch(state, patch);
  return state.issues;
}

describe('a patch', () => {
  it.each([
    [{}, []],
    [{ name: 'ANN', age: 3 }, ['set name "ann"', 'set age 3']],
    [{ age: null }, ['clear age']],
    [{ 'profile.zip': 'x', 'profile.deep.n': null }, ['set profile.zip "x"', 'clear profile.deep.n']],
    [
      { age: increment(-1), total: increment(5n), price: increment('0.10') },
      ['increment age -1', 'increment total "5n"', 'increment price "0.1"'],
    ],
    [{ score: minimum(1.5), age: maximum(3) }, ['minimum score 1.5', 'maximum age 3']],
    [{ tags: push('a', 'b') }, ['push tags ["a","b"]']],
    [{ tags: pull('a') }, ['pull tags ["a"]']],
    [{ notes: addToSet('a') }, ['addToSet notes ["a"]']],
    [{ tags: push() }, []],
    [{ boxes: push({ n: 1 }) }, ['push boxes [{"n":1}]']],
  ])('%#', (patch, expected) => {
    expect(parsed(patch)).toEqual(expected);
  });

  it('does not alias what the caller gave', () => {
    const state = parsing();
    const tags = ['a'];
    const seenAt = new Date(0);
    parsePatch(state, { tags, seenAt });
    tags.push('b');
    seenAt.setTime(1);
    expect(state.values).toEqual([['a'], new Date(0)]);
  });
});

describe('what is wrong is named by its path', () => {
  const cases: [string, unknown, string, RegExp][] = [
    ['an unknown field', { nam: 'x' }, 'nam', /is no field of `things`; did you mean `name`\?/],
    [
      'an operator as a field',
      { $set: { name: 'x' } },
      '$set',
      /is no field of `things`: operators are made by functions/,
    ],
    ['undefined', { name: undefined }, 'name', /must not be undefined/],
    ['the key', { id: '0198c0de-0000-7000-8000-00000000000a' }, 'id', /is a key/],
    ['the version', { version: 3 }, 'version', /cannot be changed/],
    ['null for a required field', { name: null }, 'name', /./],
    ['a condition', { age: gte(1) }, 'age', /has its place in a filter/],
    ['an operator in JSON', { age: { $inc: 1 } }, 'age', /integer/],
    ['an increment of a text', { name: increment(1) }, 'name', /has no `increment`/],
    ['an increment by a fraction', { age: increment(1.5) }, 'age', /integer/],
    ['an increment by nothing', { age: increment(undefined as never) }, 'age', /must be given a value/],
    ['a bound that breaks a rule', { age: minimum(-1) }, 'age', /./],
    ['a bound of a text', { title: maximum('x') }, 'title', /has no `maximum`/],
    ['a push to a number', { age: push(1) }, 'age', /has no `push`/],
    ['a wrong item', { tags: push<unknown>('a', 1) }, 'tags[1]', /./],
    ['a null item', { tags: push(null) }, 'tags[0]', /must not be null/],
    ['a pull of objects', { boxes: pull({ n: 1 }) }, 'boxes', /has no `pull`/],
    [
      'a path together with its parent',
      { profile: { city: 'x' }, 'profile.zip': 'y' },
      'profile.zip',
      /together with `profile`/,
    ],
    ['a rule of the field', { title: 'too long' }, 'title', /./],
    ['no patch', null, '', /must be a patch/],
    ['a list', [], '', /must be a patch/],
  ];

  it.each(cases)('%s', (_, patch, path, message) => {
    const found = issues(patch);
    expect(found.map((each) => each.path)).toEqual([path]);
    expect(found[0]!.message).toMatch(message);
  });
});

describe('bookkeeping', () => {
  it('counts the version and sets updatedAt, unless the patch sets it', () => {
    const state = parsing();
    expect(bookkeeping(state, [], 5).map(({ op, field }) => `${op} ${field.path}`)).toEqual([
      'set updatedAt',
      'increment version',
    ]);
    expect(state.values).toEqual([new Date(5), 1]);
    const given = parsePatch(state, { updatedAt: new Date(1) });
    expect(bookkeeping(state, given, 5).map(({ field }) => field.path)).toEqual(['version']);
  });
});
