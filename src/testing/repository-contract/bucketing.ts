import assert from 'node:assert/strict';
import { at, type ContractCase, law } from './kit.js';
import { bucket, count } from './loose.js';

const moment = (text: string) => new Date(`${text}Z`);

/** The beginning of the bucket that a moment lies in, at the top and inside an object, which must agree. */
const BEGINNINGS: readonly (readonly [unit: string, time: string, beginning: string])[] = [
  ['hour', '2024-02-29T12:59:59.999', '2024-02-29T12:00:00'],
  ['day', '2024-02-29T23:59:59.999', '2024-02-29T00:00:00'],
  ['week', '2024-03-03T23:59:59.999', '2024-02-26T00:00:00'],
  ['week', '2024-03-04T00:00:00.000', '2024-03-04T00:00:00'],
  ['week', '2024-12-31T12:00:00.000', '2024-12-30T00:00:00'],
  ['month', '2024-02-29T23:59:59.999', '2024-02-01T00:00:00'],
  ['quarter', '2024-06-30T23:59:59.999', '2024-04-01T00:00:00'],
  ['quarter', '2024-07-01T00:00:00.000', '2024-07-01T00:00:00'],
  ['year', '2024-12-31T23:59:59.999', '2024-01-01T00:00:00'],
  ['hour', '1969-12-31T23:59:59.999', '1969-12-31T23:00:00'],
  ['week', '1969-12-31T23:59:59.999', '1969-12-29T00:00:00'],
  ['week', '0001-01-07T12:00:00.000', '0001-01-01T00:00:00'],
  ['year', '0099-06-01T00:00:00.000', '0099-01-01T00:00:00'],
  ['quarter', '9999-12-31T23:59:59.999', '9999-10-01T00:00:00'],
];

const IN_ZONES: readonly (readonly [zone: string, unit: string, time: string, beginning: string])[] = [
  ['America/New_York', 'day', '2024-03-10T04:59:59.999', '2024-03-09T05:00:00'],
  ['America/New_York', 'day', '2024-03-10T23:00:00.000', '2024-03-10T05:00:00'],
  ['America/New_York', 'month', '2024-04-01T03:59:59.999', '2024-03-01T05:00:00'],
  ['America/New_York', 'year', '2024-01-01T04:59:59.999', '2023-01-01T05:00:00'],
  ['Europe/Berlin', 'week', '2024-03-31T22:00:00.000', '2024-03-31T22:00:00'],
  ['Europe/Berlin', 'week', '2024-03-31T21:59:59.999', '2024-03-24T23:00:00'],
  ['Europe/Berlin', 'quarter', '2024-12-31T23:00:00.000', '2024-12-31T23:00:00'],
  ['Asia/Kathmandu', 'day', '2024-01-01T18:15:00.000', '2024-01-01T18:15:00'],
  ['Pacific/Apia', 'day', '2011-12-30T12:00:00.000', '2011-12-30T10:00:00'],
  // A day that begins at 01:00, because clocks went on from midnight.
  ['America/Sao_Paulo', 'day', '2018-11-04T12:00:00.000', '2018-11-04T03:00:00'],
  // A day that has two midnights, because clocks went back to it: the second one counts.
  ['America/Havana', 'day', '2024-11-03T04:30:00.000', '2024-11-03T05:00:00'],
  ['UTC', 'day', '2024-11-03T04:30:00.000', '2024-11-03T00:00:00'],
];

export const bucketing: readonly ContractCase[] = [
  law(
    'a bucket begins with the hour, day, week, month, quarter or year of UTC; weeks begin on Monday',
    async (given) => {
      const samples = await given.samples();
      for (const [unit, time, beginning] of BEGINNINGS) {
        const { id } = await samples.insert({ label: time, ...at('at', moment(time)), detail: { at: moment(time) } });
        for (const path of ['at', 'detail.at']) {
          const rows = await samples.groupBy([bucket(path, unit)], { n: count() }, { where: { id } });
          assert.deepEqual(rows, [{ [path]: moment(beginning), n: 1 }], `${path} ${unit} ${time}`);
        }
      }
    },
  ),
  law('a bucket of a time zone begins with its day, week, month, quarter or year', async (given) => {
    const samples = await given.samples();
    for (const [timeZone, unit, time, beginning] of IN_ZONES) {
      const { id } = await samples.insert({ label: time, ...at('at', moment(time)), detail: { at: moment(time) } });
      for (const path of ['at', 'detail.at']) {
        const rows = await samples.groupBy([bucket(path, unit, { timeZone })], { n: count() }, { where: { id } });
        assert.deepEqual(rows, [{ [path]: moment(beginning), n: 1 }], `${timeZone} ${path} ${unit} ${time}`);
      }
    }
  }),
  law('moments of one bucket are one group, and those without a time another', async (given) => {
    const samples = await given.samples(
      { label: 'a', at: moment('2024-01-31T23:59:59.999') },
      { label: 'b', at: moment('2024-01-01T00:00:00') },
      { label: 'c', at: moment('2024-02-01T00:00:00') },
      { label: 'd' },
    );
    assert.deepEqual(await samples.groupBy([bucket('at', 'month')], { n: count() }), [
      { at: null, n: 1 },
      { at: moment('2024-01-01T00:00:00'), n: 2 },
      { at: moment('2024-02-01T00:00:00'), n: 1 },
    ]);
    const timeZone = 'Asia/Tokyo';
    assert.deepEqual(await samples.groupBy([bucket('at', 'month', { timeZone })], { n: count() }), [
      { at: null, n: 1 },
      { at: moment('2023-12-31T15:00:00'), n: 1 },
      { at: moment('2024-01-31T15:00:00'), n: 2 },
    ]);
  }),
  law('the name of a time zone is taken whatever the case of its letters', async (given) => {
    const samples = await given.samples({ label: 'a', at: moment('2024-01-01T00:00:00') });
    const timeZone = 'america/new_york';
    assert.deepEqual(await samples.groupBy([bucket('at', 'year', { timeZone })], {}), [
      { at: moment('2023-01-01T05:00:00') },
    ]);
  }),
];
