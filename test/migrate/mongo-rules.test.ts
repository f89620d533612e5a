import { afterAll } from 'vitest';
import type { Document } from '../../src/mongo/client.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';
import { type Ground, ledgerRules } from './ledger-rules.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
const other = new MongoDatabase({ url, name });
afterAll(async () => {
  await database.close();
  await other.close();
});

let made = 0;

/** A collection for the marks, and a name for the ledger. */
async function ground(): Promise<Ground<MongoDatabase>> {
  const marks = `ground_${++made}`;
  const ledger = `ledger_${made}`;
  let places = 0;
  const send = (db: MongoDatabase, command: Document): Promise<Document> => db['~raw']({}, (raw) => raw.send(command));
  await send(database, { create: marks });
  return {
    database,
    other,
    ledger,
    add: async (db, mark) => {
      await send(db, { insert: marks, documents: [{ _id: mark, place: ++places }] });
    },
    remove: async (db, mark) => {
      await send(db, { delete: marks, deletes: [{ q: { _id: mark }, limit: 1 }] });
    },
    marks: async () => {
      const found = await database['~raw']({}, (raw) => raw.find(marks, {}, { sort: { place: 1 } }));
      return found.map(({ _id }) => String(_id));
    },
    hasLedger: async () => {
      const found = await database['~raw']({}, (raw) => raw.all({ listCollections: 1, filter: { name: ledger } }));
      return found.length > 0;
    },
    makeOldLedger: async (lines) => {
      const documents = lines.map((line) => ({ _id: line.version, name: line.name, applied_at: line.at }));
      await send(database, { insert: ledger, documents });
    },
    makeNewerLedger: async () => {
      await send(database, { insert: ledger, documents: [{ _id: 'format', format: 3 }] });
    },
  };
}

ledgerRules(ground);
