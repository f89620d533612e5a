import { expect, it } from 'vitest';
import { percentEscape } from '../../../src/util/escape.js';

it('percentEscape() writes each unit apart, bytes with two digits and others with four', () => {
  expect(['/', '\n', '\u00e9', '\u2028', '\ud800'].map(percentEscape)).toEqual([
    '%2f',
    '%0a',
    '%e9',
    '%u2028',
    '%ud800',
  ]);
  const all = Array.from({ length: 0x10000 }, (_, unit) => percentEscape(String.fromCharCode(unit)));
  expect(new Set(all).size).toBe(all.length);
});
