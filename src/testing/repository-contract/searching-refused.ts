import assert from 'node:assert/strict';
import { ValidationError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses } from './kit.js';
import { belongsTo } from './loose.js';

export const searchRefusals: readonly ContractCase[] = [
  law('a search for nothing is refused before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Article');
    for (const text of ['', '   ', '-fox', '-"red fox" -wolf', '"', '""', '- & | !', '…', '\u0301', '· \ufeff'])
      await refuses(() => verbs.search(text), 'text');
    assert.deepEqual(sent, []);
  }),

  law('a search for what is no text, or for too much, is refused before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Article');
    for (const text of [undefined, null, 7, ['fox'], { $search: 'fox' }, new String('fox')])
      await refuses(() => verbs.search(text), 'text');
    const words = Array.from({ length: 65 }, (_, i) => `x${i}`).join(' ');
    for (const text of ['fox \ud800', 'fox\0', `fox ${'x '.repeat(500)}`, words, 'x'.repeat(201)])
      await refuses(() => verbs.search(text), 'text');
    assert.deepEqual(sent, []);
  }),

  law('a search of 64 words, or of one of 200 characters, is not refused', async (given) => {
    const words = Array.from({ length: 64 }, (_, i) => `word${i}`).join(' ');
    const articles = await given.articles({ label: 'a', title: words }, { label: 'b', title: '😀'.repeat(200) });
    for (const text of [words, `"${words}"`]) assert.equal((await articles.search(text))[0]!['label'], 'a');
    assert.equal((await articles.search('😀'.repeat(200)))[0]!['label'], 'b');
  }),

  law('a search tells everything that is wrong with its options', async (given) => {
    const { verbs, sent } = given.watched('Article');
    const options = {
      fields: ['label'],
      limit: -1,
      offset: 0.5,
      where: { nope: 1 },
      select: ['secret'],
      deleted: 'yes',
    };
    await refuses(() => verbs.search('-', options), 'text', 'fields', 'limit', 'offset', 'nope', 'select', 'deleted');
    for (const fields of [[], 'title', ['secret'], ['titel'], [1], {}])
      await refuses(() => verbs.search('x', { fields }), 'fields');
    await refuses(() => verbs.search('x', { orderBy: { title: 'asc' } }), 'orderBy');
    await refuses(() => verbs.search('x', { search: 'x' }), 'search');
    await refuses(() => verbs.search('x', { include: { score: belongsTo(verbs, 'id') } }), 'include.score');
    assert.deepEqual(sent, []);
  }),

  law('an entity that declares no search is not searched', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    const says = (error: ValidationError) => assert.match(error.message, /cannot be searched/);
    await fails(() => verbs.search('fox'), ValidationError, says);
    assert.deepEqual(sent, []);
  }),
];
