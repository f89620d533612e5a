import assert from 'node:assert/strict';
import { type LockContractCase, law } from './kit.js';

const LONG_TEXT = 'x'.repeat(10_000);
/** Texts that mean something to somebody, and that differ only where something is taken for something else. */
const ENDINGS: readonly string[] = [
  ...['', ' ', '  ', '\t', '\n', '\r\n', '\0', '\u0001', '\u007f', '\u00a0', '\u2028', '\ufeff', '\u200b'],
  ...['{', '}', '{}', '}{', '{a}', '}:lock', '}:fence', ':lock', ':fence', ':l', ':f', ':', '::', '*', '?', '[a]'],
  ...['%', '%%', '%7b', '%7B', '%257b', '%25', '%00', '%u0000', '%ud800', '\\', '\\x00', '\\u0000'],
  ...['\ud800', '\udc00', '\udc00\ud800', '\ufffd', '\ud83d\ude00', '\ud83d', '\ude00', 'é', 'e\u0301', 'É', 'ß', 'ss'],
  ...['a', 'A', 'ａ', 'null', 'undefined', 'true', '0', '-1', '1e999', '__proto__', 'constructor', 'toString'],
  ...[
    "'",
    '"',
    '`',
    '$(a)',
    "' or 1=1",
    '../',
    '/',
    '\r\nDEL x\r\n',
    '*1\r\n$4\r\nPING\r\n',
    '\u202e',
    LONG_TEXT,
    `${LONG_TEXT}y`,
  ],
];

export const naming: readonly LockContractCase[] = [
  law('any text is a name, and no two of them are the same lock', async (given) => {
    const base = given.fresh();
    const owner = given.fresh();
    const names = ENDINGS.flatMap((each) => (each === '' ? [base] : [`${base}${each}`, `${each}${base}`]));
    await Promise.all(names.map((name) => given.take(name, owner)));
    await Promise.all(names.map((name) => given.held(name)));
    const locks = names.map((name) => ({ name, owner, ttlMs: 60_000 }));
    assert.ok((await given.store.extend(locks, { timeoutMs: 10_000 })).every(Boolean));
    for (const name of names) assert.equal(await given.release(name, owner), true, JSON.stringify(name));
  }),

  law('any text is an owner, and no two of them are the same', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner);
    for (const other of ['', ' ', `${owner} `, `${owner}\0`, owner.toUpperCase(), owner.slice(1), 'nil', '*'])
      assert.equal(await given.release(name, other), false);
    assert.equal(await given.release(name, owner), true);
  }),
];
