import assert from 'node:assert/strict';
import { parseListQuery } from '../../query/list-query.js';
import { Article } from './entities.js';
import { type ContractCase, type Given, labels, law, type Row, type Verbs, verbsOf } from './kit.js';
import { belongsTo } from './loose.js';
import { noting } from './noting.js';

/** The labels that a search finds, sorted. */
async function finds(verbs: Verbs, text: string, options?: object): Promise<string> {
  return labels(await verbs.search(text, options))
    .sort()
    .join(' ');
}

/** Articles with these titles, labelled a, b, c... */
function titled(given: Given, ...titles: string[]): Promise<Verbs> {
  return given.articles(...titles.map((title, i) => ({ label: String.fromCharCode(97 + i), title })));
}

export const searching: readonly ContractCase[] = [
  law('search finds the rows that hold every word, in whichever of the fields', async (given) => {
    const articles = await given.articles(
      { label: 'a', title: 'The red fox' },
      { label: 'b', title: 'Foxes', body: 'A red house, a fox before it' },
      { label: 'c', title: 'Red', about: { author: 'Guy Fox', rating: 3 } },
      { label: 'd', title: 'The red house', notes: 'no fox', secret: 'fox' },
      { label: 'e', title: 'A fox', body: null, about: null },
    );
    assert.equal(await finds(articles, 'red'), 'a b c d');
    assert.equal(await finds(articles, 'fox'), 'a b c e');
    assert.equal(await finds(articles, 'red fox'), 'a b c');
    assert.equal(await finds(articles, 'red fox house'), 'b');
    assert.equal(await finds(articles, 'fox unicorn'), '');
  }),

  law('a search takes no notice of capital letters, and does of accents', async (given) => {
    const articles = await titled(
      given,
      'Äpfel ÉCLAIR',
      'äpfel eclair',
      'Apfel',
      'ЖУК и Жаба',
      'ΣΊΣΥΦΟΣ',
      'STRASSE',
      'Straße',
    );
    assert.equal(await finds(articles, 'ÄPFEL'), 'a b');
    assert.equal(await finds(articles, 'äpfel'), 'a b');
    assert.equal(await finds(articles, 'éclair'), 'a');
    assert.equal(await finds(articles, 'eclair'), 'b');
    assert.equal(await finds(articles, 'apfel'), 'c');
    assert.equal(await finds(articles, 'жук ЖАБА'), 'd');
    assert.equal(await finds(articles, 'σίσυφος'), 'e');
    assert.equal(await finds(articles, 'straße'), 'g');
  }),

  law('a search finds whole words as they are, in no language', async (given) => {
    const articles = await titled(given, 'run', 'running', 'runs the', 'rerun', 'run_time', 'run2');
    assert.equal(await finds(articles, 'run'), 'a');
    assert.equal(await finds(articles, 'running'), 'b');
    assert.equal(await finds(articles, 'the'), 'c');
    assert.equal(await finds(articles, 'run_time'), 'e');
    assert.equal(await finds(articles, 'run2'), 'f');
  }),

  law('words end at spaces, punctuation and symbols', async (given) => {
    const articles = await titled(
      given,
      'ann@example.org',
      'http://example.org/a?b=ann',
      "Ann's",
      '„ann“—so',
      'x\tann\nx',
      '3,14 (ann)',
      'ann、中文',
      'ann_b',
      'bann',
    );
    assert.equal(await finds(articles, 'ann'), 'a b c d e f g');
    assert.equal(await finds(articles, 'example'), 'a b');
    assert.equal(await finds(articles, '14'), 'f');
    assert.equal(await finds(articles, '中文'), 'g');
  }),

  law('an emoji is a word, and part of one that it touches', async (given) => {
    const articles = await titled(given, 'good 😀 morning', 'good😀', '👩‍👩‍👧 family');
    assert.equal(await finds(articles, '😀'), 'a');
    assert.equal(await finds(articles, 'good'), 'a');
    assert.equal(await finds(articles, 'good😀'), 'b');
    assert.equal(await finds(articles, '👩‍👩‍👧'), 'c');
  }),

  law('words in quotes are found one behind the other, in one field', async (given) => {
    const articles = await given.articles(
      { label: 'a', title: 'The quick red fox' },
      { label: 'b', title: 'The red, quick fox' },
      { label: 'c', title: 'Quick — RED... fox' },
      { label: 'd', title: 'quick', body: 'red fox' },
      { label: 'e', title: 'quick redfox' },
    );
    assert.equal(await finds(articles, '"quick red"'), 'a c');
    assert.equal(await finds(articles, '"red fox"'), 'a c d');
    assert.equal(await finds(articles, '"red fox" quick'), 'a c d');
    assert.equal(await finds(articles, '"quick red fox'), 'a c');
    assert.equal(await finds(articles, '"the" "fox"'), 'a b');
    assert.equal(await finds(articles, '"quick""red"'), 'a b c d');
  }),

  law('what punctuation joins is looked for in its order', async (given) => {
    const articles = await titled(
      given,
      'version 3.14',
      '14 of 3',
      'ann@example.org',
      'org example ann',
      'e-mail',
      'mail e',
    );
    assert.equal(await finds(articles, '3.14'), 'a');
    assert.equal(await finds(articles, 'ann@example.org'), 'c');
    assert.equal(await finds(articles, 'E-Mail'), 'e');
    assert.equal(await finds(articles, 'mail e'), 'e f');
  }),

  law('a row that holds a word behind a minus is left out', async (given) => {
    const articles = await given.articles(
      { label: 'a', title: 'red fox' },
      { label: 'b', title: 'red wolf', body: 'no FOX' },
      { label: 'c', title: 'red e-mail' },
      { label: 'd', title: 'red mail for e' },
      { label: 'e', title: 'red foxes' },
    );
    assert.equal(await finds(articles, 'red -fox'), 'c d e');
    assert.equal(await finds(articles, '-fox red'), 'c d e');
    assert.equal(await finds(articles, 'red -"fox"'), 'c d e');
    assert.equal(await finds(articles, 'red -"red fox"'), 'b c d e');
    assert.equal(await finds(articles, 'red -e-mail'), 'a b d e');
    assert.equal(await finds(articles, 'red -fox -mail'), 'e');
    assert.equal(await finds(articles, 'red -red'), '');
    assert.equal(await finds(articles, 'red - fox'), 'a b');
    assert.equal(await finds(articles, 'red-fox'), 'a');
  }),

  law('nothing else in a search is an operator', async (given) => {
    const articles = await titled(given, 'red or fox', 'red', 'fox', 'red fox not and', '$where red', "x') red");
    assert.equal(await finds(articles, 'red or fox'), 'a');
    assert.equal(await finds(articles, 'red OR fox'), 'a');
    assert.equal(await finds(articles, 'red | fox'), 'a d');
    assert.equal(await finds(articles, 'red & !fox'), 'a d');
    assert.equal(await finds(articles, 're:*'), '');
    assert.equal(await finds(articles, 'r*'), '');
    assert.equal(await finds(articles, 'red <-> fox'), 'a d');
    assert.equal(await finds(articles, 'red \\"fox'), 'a d');
    assert.equal(await finds(articles, "fox')"), 'a c d');
    assert.equal(await finds(articles, '.* red'), 'a b d e f');
    assert.equal(await finds(articles, '{"$where": "red"}'), 'e');
  }),

  law('a title outranks a body, and the best row is first', async (given) => {
    const articles = await given.articles(
      { label: 'a', title: 'Nothing', about: { author: 'fox' } },
      { label: 'b', title: 'Of a house', body: 'and of a fox, and of more' },
      { label: 'c', title: 'The fox' },
    );
    const rows = await articles.search('fox');
    assert.deepEqual(labels(rows), ['c', 'b', 'a']);
    const scores = rows.map(({ score }) => score as number);
    assert.ok(
      scores.every((score, i) => score > 0 && (i === 0 || score < scores[i - 1]!)),
      String(scores),
    );
  }),

  law('the key breaks the ties of a search', async (given) => {
    const articles = await titled(given, ...Array.from({ length: 12 }, () => 'the same fox'));
    assert.equal(labels(await articles.search('fox')).join(''), 'abcdefghijkl');
    assert.equal(labels(await articles.search('fox', { limit: 3, offset: 4 })).join(''), 'efg');
  }),

  law('a search gives 20 rows, or as many as `limit` says', async (given) => {
    const articles = await titled(given, ...Array.from({ length: 25 }, () => 'fox'));
    const count = async (options?: object) => (await articles.search('fox', options)).length;
    assert.equal(await count(), 20);
    assert.equal(await count({ limit: 24 }), 24);
    assert.equal(await count({ limit: 24, offset: 20 }), 5);
    assert.equal(await count({ limit: 1, offset: 25 }), 0);
    assert.equal(await count({ limit: 0 }), 0);
  }),

  law('`fields` narrows what a search looks through', async (given) => {
    const articles = await given.articles(
      { label: 'a', title: 'red fox' },
      { label: 'b', title: 'red', body: 'fox' },
      { label: 'c', title: 'fox', body: 'a red fox', about: { author: 'red' } },
    );
    assert.equal(await finds(articles, 'fox', { fields: ['title'] }), 'a c');
    assert.equal(await finds(articles, 'fox red', { fields: ['title'] }), 'a');
    assert.equal(await finds(articles, '"red fox"', { fields: ['body'] }), 'c');
    assert.equal(await finds(articles, 'fox -red', { fields: ['title'] }), 'c');
    assert.equal(await finds(articles, 'red fox', { fields: ['body', 'title'] }), 'a b c');
    assert.equal(await finds(articles, 'red', { fields: ['about.author'] }), 'c');
    const [first] = await articles.search('red fox', { fields: ['title', 'body', 'about.author'] });
    assert.ok(first!['score'] > 0);
  }),

  law('a search looks among the rows that fit `where`, and not at deleted ones', async (given) => {
    const articles = await given.articles(
      { label: 'a', title: 'fox', about: { rating: 1 } },
      { label: 'b', title: 'fox', about: { rating: 2 } },
      { label: 'c', title: 'fox', about: { rating: 2 } },
    );
    const [, , c] = await articles.find({}, { orderBy: { label: 'asc' } });
    await articles.delete(c!['id']);
    assert.equal(await finds(articles, 'fox'), 'a b');
    assert.equal(await finds(articles, 'fox', { where: { 'about.rating': 2 } }), 'b');
    assert.equal(await finds(articles, 'fox', { where: { 'about.rating': 2 }, deleted: 'with' }), 'b c');
    assert.equal(await finds(articles, 'fox', { deleted: 'only' }), 'c');
  }),

  law('a search reads what `select`, `reveal` and `include` name, and its score', async (given) => {
    const articles = await given.articles({
      label: 'a',
      title: 'fox',
      body: 'of the wood',
      secret: 's',
      about: { author: 'Ann', rating: 1 },
    });
    const one = async (options?: object): Promise<Row> => {
      const { score, ...row } = (await articles.search('fox', options))[0]!;
      assert.ok(typeof score === 'number' && score > 0, `score is ${String(score)}`);
      return row;
    };
    const whole = await articles.findOne({ label: 'a' });
    assert.deepEqual(await one(), whole);
    assert.deepEqual(await one({ select: ['label', 'about.author'] }), { label: 'a', about: { author: 'Ann' } });
    assert.deepEqual(await one({ select: ['heading'] }), { heading: 'a: fox' });
    assert.deepEqual(await one({ select: [] }), {});
    assert.deepEqual(await one({ select: ['label'], reveal: ['secret'] }), { label: 'a', secret: 's' });
    const include = { self: belongsTo(articles, 'id', { select: ['title'] }) };
    assert.deepEqual(await one({ select: ['label'], include }), { label: 'a', self: { title: 'fox' } });
  }),

  law('a search sees at once what was written', async (given) => {
    const articles = await titled(given, 'fox', 'wolf');
    const [fox] = await articles.find({ label: 'a' });
    await articles.update(fox!['id'], { title: 'badger', 'about.author': 'Wolf' });
    assert.equal(await finds(articles, 'fox'), '');
    assert.equal(await finds(articles, 'badger'), 'a');
    assert.equal(await finds(articles, 'wolf'), 'a b');
    await articles.purge(fox!['id']);
    assert.equal(await finds(articles, 'badger'), '');
    await articles.insert({ label: 'c', title: 'A badger' });
    assert.equal(await finds(articles, 'badger'), 'c');
  }),

  law('a search is a call of the transaction around it', async (given) => {
    const articles = await titled(given, 'fox');
    await given.database.transaction(async () => {
      await articles.insert({ label: 'b', title: 'fox' });
      assert.equal(await finds(articles, 'fox'), 'a b');
      assert.equal(await given.database.detached(() => finds(articles, 'fox')), 'a');
    });
    await given.database.transaction(async () => assert.equal(await finds(articles, 'fox'), 'a b'), { readOnly: true });
  }),

  law('a list of a client is the options of a search', async (given) => {
    await given.articles(
      { label: 'a', title: 'red fox', about: { rating: 2 } },
      { label: 'b', title: 'fox', body: 'red', about: { rating: 2 } },
      { label: 'c', title: 'red fox', about: { rating: 1 } },
      { label: 'd', title: 'red fox', about: { rating: 2 } },
    );
    let commands = 0;
    const articles = verbsOf(
      noting(given.database, () => commands++),
      Article,
    );
    const rules = { search: true, filter: ['about.rating'], sort: ['label'], fields: ['label', 'title'], maxLimit: 2 };
    const list = parseListQuery(Article, '?q=red+fox&about.rating=2&sort=-label&limit=2&page=2&fields=label', rules);
    const { score, ...row } = (await articles.search(list.search, list))[0]!;
    assert.deepEqual(row, { label: 'b' });
    assert.ok(score > 0);
    assert.equal(commands, 1);
  }),
];
