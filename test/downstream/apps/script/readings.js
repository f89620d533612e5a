'use strict';

const { gte, increment, Repository, TrivetError } = require('trivet');
const { Reading } = require('./entities.js');

/** @typedef {import('trivet').Row<typeof Reading>} ReadingRow */

/** @extends {Repository<typeof Reading>} */
class Readings extends Repository {
  /** @param {number} celsius */
  warmerThan(celsius) {
    return this.find({ celsius: gte(celsius) }, { orderBy: { sensor: 'asc' } });
  }
}

/**
 * What the caller did wrong, by the class of the error and the paths that it names.
 *
 * @param {() => Promise<unknown>} call
 * @returns {Promise<string>}
 */
async function refusal(call) {
  try {
    await call();
    return 'nothing was refused';
  } catch (error) {
    if (!(error instanceof TrivetError)) throw error;
    const paths = 'issues' in error ? /** @type {{ path: string }[]} */ (error.issues).map(({ path }) => path) : [];
    return [error.name, ...paths].join(' ');
  }
}

/**
 * Reads and writes on one engine.
 *
 * @param {import('trivet').Database} database
 */
async function story(database) {
  const readings = new Readings(database, Reading);
  await readings.ensureSchema();
  const [roof] = await readings.insertMany([
    { sensor: 'roof', celsius: 21 },
    { sensor: ' cellar ', celsius: 9, tags: ['cold'] },
  ]);
  if (roof === undefined) throw new Error('nothing was stored');
  const warmer = await readings.update(roof.id, { celsius: increment(2) });
  const { action } = await readings.upsert({ sensor: 'cellar', celsius: 8 }, { on: 'sensor' });
  /** @type {ReadingRow[]} */
  const warm = await readings.warmerThan(10);
  // What a request may bring: its types are whatever a client has sent.
  const body = JSON.parse('{"celsius":{"$gt":0}}');
  return {
    warmer: warmer.celsius,
    action,
    warm: warm.map(({ sensor }) => sensor),
    count: await readings.count(),
    refused: [
      await refusal(() => readings.find(body)),
      await refusal(() => readings.insert({ sensor: 'x', celsius: 1000 })),
      await refusal(() => readings.insert({ sensor: 'roof', celsius: 1 })),
      await refusal(() => readings.get('01890000-0000-7000-8000-000000000001')),
      await refusal(() => readings.deleteMany(JSON.parse('{}'))),
    ],
  };
}

module.exports = { story, refusal };
