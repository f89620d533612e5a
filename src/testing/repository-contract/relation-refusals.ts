import assert from 'node:assert/strict';
import { type ContractCase, law, refuses } from './kit.js';
import { belongsTo, belongsToMany, hasMany, manyToMany } from './loose.js';

export const relationRefusals: readonly ContractCase[] = [
  law('a relation that is wrong is refused before anything is sent, with its path', async (given) => {
    const { verbs: people, sent } = given.watched('Person');
    const memos = given.watched('Memo').verbs;
    const likings = given.watched('Liking').verbs;
    const members = given.watched('Member').verbs;
    const refused = (include: unknown, ...paths: string[]) => refuses(() => people.find({}, { include }), ...paths);
    await refused([], 'include');
    await refused({ label: hasMany(memos, 'personId') }, 'include.label');
    await refused({ secret: hasMany(memos, 'personId') }, 'include.secret');
    await refused({ loud: hasMany(memos, 'personId') }, 'include.loud');
    await refused({ memos: { kind: 'hasMany' } }, 'include.memos');
    await refused({ memos: true }, 'include.memos');
    await refused({ memos: hasMany({ '~repository': true }, 'personId') }, 'include.memos');
    await refused({ memos: hasMany(memos, 'persId') }, 'include.memos');
    await refused({ memos: hasMany(memos, 'label') }, 'include.memos');
    await refused({ memos: hasMany(memos, 'tags') }, 'include.memos');
    await refused({ boss: belongsTo(people, 'secret') }, 'include.boss');
    await refused({ boss: belongsTo(people, 'friendIds') }, 'include.boss');
    await refused({ friends: belongsToMany(people, 'bossId') }, 'include.friends');
    await refused({ one: belongsTo(members, 'bossId') }, 'include.one');
    await refused({ liked: manyToMany(memos, {}, 'personId', 'memoId') }, 'include.liked');
    await refused({ liked: manyToMany(memos, likings, 'personId', 'memo') }, 'include.liked');
    await refused({ memos: hasMany(memos, 'personId', { where: { labl: 'x' } }) }, 'include.memos.where.labl');
    await refused({ memos: hasMany(memos, 'personId', { where: null }) }, 'include.memos.where');
    await refused({ memos: hasMany(memos, 'personId', { select: ['labl'] }) }, 'include.memos.select');
    await refused({ memos: hasMany(memos, 'personId', { limit: -1 }) }, 'include.memos.limit');
    await refused({ memos: hasMany(memos, 'personId', { deleted: 'with' }) }, 'include.memos.deleted');
    await refused({ memos: hasMany(memos, 'personId', { offset: 1 }) }, 'include.memos.offset');
    await refused({ memos: hasMany(memos, 'personId', { count: true, limit: 1 }) }, 'include.memos.limit');
    await refused({ memos: hasMany(memos, 'personId', { count: 1 }) }, 'include.memos.count');
    await refused({ boss: belongsTo(people, 'bossId', { limit: 1 }) }, 'include.boss.limit');
    const inner = { who: belongsTo(people, 'personId', { include: { boss: belongsTo(people, 'bosId') } }) };
    await refused({ memos: hasMany(memos, 'personId', { include: inner }) }, 'include.memos.include.who.include.boss');
    let deep: object = belongsTo(people, 'bossId');
    for (let i = 0; i < 10; i++) deep = belongsTo(people, 'bossId', { include: { boss: deep } });
    await refuses(() => people.find({}, { include: { boss: deep } }), `${'include.boss.'.repeat(10)}include`);
    await refuses(() => people.insert({ id: 1, label: 'x' }, { include: {} }), 'include');
    assert.equal(sent.length, 0);
  }),
];
