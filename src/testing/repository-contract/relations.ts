import assert from 'node:assert/strict';
import { type ContractCase, law, type Row } from './kit.js';
import { anyOf, belongsTo, belongsToMany, gte, hasMany, hasOne, manyToMany } from './loose.js';
import { BY_ID, told, world } from './related-world.js';

export const relations: readonly ContractCase[] = [
  law(
    '`belongsTo` gives the row that is named, and null for none, a deleted one and one that never was',
    async (given) => {
      const { people, memos } = await world(given);
      const find = async (options?: object) =>
        told(await memos.find({}, { ...BY_ID, include: { by: belongsTo(people, 'personId', options) } }), 'by');
      assert.equal(await find(), 'a1:ann a2:ann a3:ann b1:bob e1:null n1:null x1:null');
      assert.equal(await find({ deleted: 'with' }), 'a1:ann a2:ann a3:ann b1:bob e1:eve n1:null x1:null');
      assert.equal(await find({ deleted: 'only' }), 'a1:null a2:null a3:null b1:null e1:eve n1:null x1:null');
      assert.equal(await find({ where: { label: 'bob' } }), 'a1:null a2:null a3:null b1:bob e1:null n1:null x1:null');
    },
  ),
  law(
    '`hasMany` gives the rows that name this one, in their order and then by key, and an empty list for none',
    async (given) => {
      const { people, memos } = await world(given);
      const find = async (options?: object) =>
        told(await people.find({}, { ...BY_ID, include: { memos: hasMany(memos, 'personId', options) } }), 'memos');
      assert.equal(await find(), 'ann:[a1,a2,a3] bob:[b1] cid:[] dan:[]');
      assert.equal(await find({ orderBy: { rank: 'asc' } }), 'ann:[a2,a1,a3] bob:[b1] cid:[] dan:[]');
      assert.equal(await find({ orderBy: { rank: 'desc' } }), 'ann:[a3,a1,a2] bob:[b1] cid:[] dan:[]');
      assert.equal(await find({ where: { rank: gte(2) } }), 'ann:[a1,a3] bob:[] cid:[] dan:[]');
    },
  ),
  law('`limit` of a relation is for each row', async (given) => {
    const { people, memos, likings } = await world(given);
    const memosOf = async (options: object) =>
      told(await people.find({}, { ...BY_ID, include: { memos: hasMany(memos, 'personId', options) } }), 'memos');
    assert.equal(await memosOf({ limit: 1 }), 'ann:[a1] bob:[b1] cid:[] dan:[]');
    assert.equal(
      await memosOf({ limit: 2, orderBy: { rank: 'desc', label: 'asc' } }),
      'ann:[a1,a3] bob:[b1] cid:[] dan:[]',
    );
    assert.equal(
      await memosOf({ limit: 2, where: { rank: gte(2) }, orderBy: { label: 'desc' } }),
      'ann:[a3,a1] bob:[] cid:[] dan:[]',
    );
    assert.equal(await memosOf({ limit: 0 }), 'ann:[] bob:[] cid:[] dan:[]');
    const all = await people.find(
      {},
      { ...BY_ID, include: { fans: manyToMany(memos, likings, 'personId', 'memoId', { limit: 1 }) } },
    );
    assert.equal(told(all, 'fans'), 'ann:[a1] bob:[a1] cid:[] dan:[a2]');
    const friends = await people.find(
      {},
      { ...BY_ID, include: { some: belongsToMany(people, 'friendIds', { limit: 1 }) } },
    );
    assert.equal(told(friends, 'some'), 'ann:[cid] bob:[ann] cid:[] dan:[]');
  }),
  law('`hasOne` gives the first row that names this one, or null', async (given) => {
    const { people, memos } = await world(given);
    const find = async (options?: object) =>
      told(await people.find({}, { ...BY_ID, include: { memo: hasOne(memos, 'personId', options) } }), 'memo');
    assert.equal(await find(), 'ann:a1 bob:b1 cid:null dan:null');
    assert.equal(await find({ orderBy: { rank: 'asc' } }), 'ann:a2 bob:b1 cid:null dan:null');
    assert.equal(
      await find({ orderBy: { rank: 'desc' }, where: { label: anyOf('a1', 'a2') } }),
      'ann:a1 bob:null cid:null dan:null',
    );
  }),
  law(
    '`manyToMany` gives each row once, in order; deleted, missing and half rows between join nothing',
    async (given) => {
      const { people, memos, likings } = await world(given);
      const find = async (options?: object) => {
        const include = { by: manyToMany(people, likings, 'memoId', 'personId', options) };
        return told(await memos.find({ id: anyOf(1, 2, 3, 4) }, { ...BY_ID, include }), 'by');
      };
      assert.equal(await find(), 'a1:[ann,bob] a2:[dan] a3:[] b1:[]');
      assert.equal(await find({ orderBy: { label: 'desc' } }), 'a1:[bob,ann] a2:[dan] a3:[] b1:[]');
      assert.equal(await find({ deleted: 'with' }), 'a1:[ann,bob] a2:[dan,eve] a3:[] b1:[]');
      assert.equal(await find({ where: { label: 'bob' } }), 'a1:[bob] a2:[] a3:[] b1:[]');
      assert.equal(await find({ count: true }), 'a1:2 a2:1 a3:0 b1:0');
    },
  ),
  law(
    '`belongsToMany` keeps the order of the list, leaves out what is not there, and gives each row once',
    async (given) => {
      const { people } = await world(given);
      const find = async (options?: object) =>
        told(
          await people.find({}, { ...BY_ID, include: { friends: belongsToMany(people, 'friendIds', options) } }),
          'friends',
        );
      assert.equal(await find(), 'ann:[cid,bob] bob:[ann] cid:[] dan:[]');
      assert.equal(await find({ orderBy: { label: 'asc' } }), 'ann:[bob,cid] bob:[ann] cid:[] dan:[]');
      assert.equal(await find({ deleted: 'with', count: true }), 'ann:3 bob:1 cid:0 dan:0');
      assert.equal(await find({ where: { label: 'cid' } }), 'ann:[cid] bob:[] cid:[] dan:[]');
    },
  ),
  law('`count: true` counts the related rows of each row', async (given) => {
    const { people, memos } = await world(given);
    const find = async (options: object) =>
      told(
        await people.find(
          {},
          { ...BY_ID, include: { memos: hasMany(memos, 'personId', { count: true, ...options }) } },
        ),
        'memos',
      );
    assert.equal(await find({}), 'ann:3 bob:1 cid:0 dan:0');
    assert.equal(await find({ where: { rank: gte(2) } }), 'ann:2 bob:0 cid:0 dan:0');
    const led = await people.find(
      {},
      { ...BY_ID, include: { led: hasMany(people, 'bossId', { count: true, deleted: 'with' }) } },
    );
    assert.equal(told(led, 'led'), 'ann:3 bob:0 cid:1 dan:0');
  }),
  law('relations nest, also into their own entity', async (given) => {
    const { people, memos } = await world(given);
    const include = {
      boss: belongsTo(people, 'bossId'),
      led: hasMany(people, 'bossId', {
        include: { led: hasMany(people, 'bossId', { include: { memos: hasMany(memos, 'personId') } }) },
      }),
    };
    const [ann, bob] = await people.find({}, { ...BY_ID, include });
    assert.equal(ann?.['boss'], null);
    assert.equal(bob?.['boss'].label, 'ann');
    assert.equal(told(ann?.['led'], 'led'), 'bob:[] cid:[dan]');
    assert.deepEqual(ann?.['led'][1].led[0].memos, []);
    assert.deepEqual(bob?.['led'], []);
  }),
  law('`findById`, `get`, `findOne` and `stream` include as `find` does', async (given) => {
    const { people, memos } = await world(given);
    const include = { by: belongsTo(people, 'personId', { select: ['label'] }) };
    const expected = { id: 1, label: 'a1', personId: 1n, rank: 2, tags: [], by: { label: 'ann' } };
    assert.deepEqual(await memos.findById(1, { include }), expected);
    assert.deepEqual(await memos.get(1, { include }), expected);
    assert.deepEqual(await memos.findOne({ label: 'a1' }, { include }), expected);
    assert.equal(await memos.findById(100, { include }), null);
    for (const batch of [1, 2, 100]) {
      const rows: Row[] = [];
      for await (const row of memos.stream({}, { ...BY_ID, include, batch })) rows.push(row);
      assert.equal(told(rows, 'by'), 'a1:ann a2:ann a3:ann b1:bob e1:null n1:null x1:null');
    }
  }),
  law('what relations go by is read and taken out again where `select` leaves it out', async (given) => {
    const { people, memos } = await world(given);
    const by = belongsTo(people, 'personId', {
      select: ['loud'],
      include: { all: hasMany(memos, 'personId', { select: ['rank'] }) },
    });
    const [first] = await memos.find({ id: 4 }, { select: ['label'], include: { by } });
    assert.deepEqual(first, { label: 'b1', by: { loud: 'BOB', all: [{ rank: 1 }] } });
    const fans = await people.find(
      { id: 2 },
      { select: ['label'], include: { memos: hasMany(memos, 'personId', { count: true }) } },
    );
    assert.deepEqual(fans, [{ label: 'bob', memos: 1 }]);
  }),
  law('hidden fields of related rows stay hidden unless they are revealed; computed ones are there', async (given) => {
    const { people, memos } = await world(given);
    const find = async (options?: object) =>
      (await memos.find({ id: 1 }, { include: { by: belongsTo(people, 'personId', options) } }))[0]?.['by'];
    const plain = { id: 1, label: 'ann', bossId: null, friendIds: [3, 99, 2, 3, 5], deletedAt: null, loud: 'ANN' };
    assert.deepEqual(await find(), plain);
    assert.deepEqual(await find({ reveal: ['secret'] }), { ...plain, secret: 'hidden' });
    assert.deepEqual(await find({ select: ['label'], reveal: ['secret'] }), { label: 'ann', secret: 'hidden' });
  }),
  law('no two rows share a related object', async (given) => {
    const { people, memos } = await world(given);
    const by = belongsTo(people, 'personId', { include: { friends: belongsToMany(people, 'friendIds') } });
    const [a1, a2, a3] = await memos.find({ personId: 1n }, { ...BY_ID, include: { by } });
    assert.deepEqual(a1?.['by'], a2?.['by']);
    a1?.['by'].friendIds.push(0);
    a1?.['by'].friends[0].friendIds.push(0);
    a1?.['by'].friends.pop();
    for (const row of [a2, a3]) {
      assert.deepEqual(row?.['by'].friendIds, [3, 99, 2, 3, 5]);
      assert.equal(told([row!['by']], 'friends'), 'ann:[cid,bob]');
      assert.deepEqual(row?.['by'].friends[0].friendIds, []);
    }
  }),
  law('each relation and level is one query, two for `manyToMany`, whatever the number of rows', async (given) => {
    await world(given);
    const people = given.counted('Person');
    const memos = given.counted('Memo');
    const likings = given.counted('Liking');
    const include = {
      led: hasMany(people.verbs, 'bossId', {
        limit: 1,
        include: { memos: hasMany(memos.verbs, 'personId', { limit: 2 }) },
      }),
      memos: hasMany(memos.verbs, 'personId', { include: { by: belongsTo(people.verbs, 'personId') } }),
      first: hasOne(memos.verbs, 'personId'),
      count: hasMany(memos.verbs, 'personId', { count: true }),
      friends: belongsToMany(people.verbs, 'friendIds'),
      liked: manyToMany(memos.verbs, likings.verbs, 'personId', 'memoId'),
    };
    for (const where of [{}, { id: 1 }]) {
      await people.verbs.find(where, { include });
      assert.equal(people.sent.length, 1 + 1 + 1 + 1);
      assert.equal(memos.sent.length, 1 + 1 + 1 + 1 + 1);
      assert.equal(likings.sent.length, 1);
      for (const { sent } of [people, memos, likings]) sent.length = 0;
    }
  }),
  law('nothing is asked for where no row names anything', async (given) => {
    const { memos } = await world(given);
    const people = given.counted('Person');
    const include = { by: belongsTo(people.verbs, 'personId') };
    assert.equal(told(await memos.find({ id: 6 }, { include }), 'by'), 'n1:null');
    assert.deepEqual(await memos.find({ id: 100 }, { include }), []);
    assert.equal(people.sent.length, 0);
  }),
  law(
    'pages by number and by cursor bring along what `find` does, and the fields of the order stay out of them',
    async (given) => {
      const { people, memos } = await world(given);
      const by = { by: belongsTo(people, 'personId', { select: ['label'] }) };
      const all = await memos.find({}, { include: by, select: ['label'], orderBy: { rank: 'desc' } });
      const options = { include: by, select: ['label'], orderBy: { rank: 'desc' }, limit: 4 };
      const numbered = [1, 2].map((page) => memos.paginate({}, { ...options, page }));
      assert.deepEqual(
        (await Promise.all(numbered)).flatMap(({ rows }) => rows),
        all,
      );
      const first = await memos.paginateByCursor({}, options);
      const second = await memos.paginateByCursor({}, { ...options, after: first.next });
      assert.deepEqual([...first.rows, ...second.rows], all);
      const before = await memos.paginateByCursor({}, { ...options, before: second.previous });
      assert.deepEqual(before.rows, first.rows);
      assert.deepEqual(Object.keys(first.rows[0]!).sort(), ['by', 'label']);
    },
  ),
  law('an include of nothing changes nothing', async (given) => {
    const { memos } = await world(given);
    const plain = await memos.find({ id: 1 });
    for (const include of [{}, undefined]) assert.deepEqual(await memos.find({ id: 1 }, { include }), plain);
  }),
];
