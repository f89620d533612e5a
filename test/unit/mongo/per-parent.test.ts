import { expect, it } from 'vitest';
import { compileFind } from '../../../src/mongo/compile-read.js';
import { firstOfEachPipeline } from '../../../src/mongo/per-parent.js';
import type { FindCommand } from '../../../src/query/command.js';
import { bson, field, names, shown, Thing } from './models.js';

const command: FindCommand = {
  kind: 'find',
  entity: Thing,
  shape: '',
  where: { op: 'anyOf', field: field('role'), slot: 0 },
  values: [['user', 'admin']],
  select: [field('email'), field('role')],
  orderBy: [
    { field: field('age'), direction: 'desc' },
    { field: field('id'), direction: 'desc' },
  ],
  limit: null,
  offset: 0,
  perParent: { field: field('role'), limit: 3 },
};

it('the first of each parent are numbered in a window of the whole order, and only then cut to their fields', () => {
  const pipeline = firstOfEachPipeline(compileFind(command, names, bson), command, names);
  expect(JSON.parse(shown(pipeline))).toEqual([
    { $match: { role: { $in: ['user', 'admin'] } } },
    {
      $setWindowFields: {
        partitionBy: '$role',
        sortBy: { age: { $numberInt: '-1' }, _id: { $numberInt: '-1' } },
        output: { '~place': { $sum: { $numberInt: '1' }, window: { documents: ['unbounded', 'current'] } } },
      },
    },
    { $match: { '~place': { $lte: { $numberInt: '3' } } } },
    { $sort: { age: { $numberInt: '-1' }, _id: { $numberInt: '-1' } } },
    { $project: { email: { $numberInt: '1' }, role: { $numberInt: '1' }, _id: { $numberInt: '0' } } },
  ]);
});

it('a whole document is read without a projection, and its place is no field of it', () => {
  const whole = { ...command, select: Thing.fields };
  const pipeline = firstOfEachPipeline(compileFind(whole, names, bson), whole, names);
  expect(pipeline.map((stage) => Object.keys(stage)[0])).toEqual(['$match', '$setWindowFields', '$match', '$sort']);
});
