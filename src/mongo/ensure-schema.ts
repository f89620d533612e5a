import type { SchemaReport } from '../query/command.js';
import type { EntityModel, Naming } from '../schema/model.js';
import type { Call } from './call.js';
import { canonical } from './canonical.js';
import type { Document } from './client.js';
import type { Opened } from './connection.js';
import { mapError } from './errors.js';
import { indexesOf } from './indexes.js';
import { signature, validatorIn } from './live-schema.js';
import { Names } from './names.js';
import { sentLimit } from './sending.js';
import { validatorOf } from './validator.js';

const NAMESPACE_EXISTS = 48;
const INDEX_OPTIONS_CONFLICT = 85;
const INDEX_KEY_CONFLICT = 86;

interface Report {
  readonly created: string[];
  readonly drift: string[];
}

/** Makes the collections, validators and indexes that are missing; what is there and differs is told and left alone. */
export async function ensureSchema(
  opened: Opened,
  entities: readonly EntityModel[],
  naming: Naming,
  call: Call,
  resource: string,
): Promise<SchemaReport> {
  const report: Report = { created: [], drift: [] };
  const ask = (command: Document): Promise<Document> => {
    return opened.db.command({ ...command, maxTimeMS: sentLimit(call) }, { signal: call.signal });
  };
  for (const entity of entities) {
    const names = new Names(entity, naming);
    try {
      await ensureCollection(opened, names, ask, report);
      await ensureIndexes(opened, names, ask, report);
    } catch (error) {
      throw mapError(error, { resource, names, startedAt: call.startedAt, sent: call.sent });
    }
  }
  return report;
}

type Ask = (command: Document) => Promise<Document>;

async function ensureCollection({ bson }: Opened, names: Names, ask: Ask, report: Report): Promise<void> {
  const { collection } = names;
  const validator = validatorOf(names.entity, names, bson);
  const found = await collectionOptions(collection, ask);
  if (found === null) {
    try {
      await ask({ create: collection, validator });
      report.created.push(`collection ${collection}`);
      return;
    } catch (error) {
      if (codeOf(error) !== NAMESPACE_EXISTS) throw error;
      // Somebody else made it meanwhile.
      return ensureCollection({ bson } as Opened, names, ask, report);
    }
  }
  const current = validatorIn(found);
  if (current === null) {
    // Moderate: documents from before that do not fit may still be changed.
    await ask({ collMod: collection, validator, validationLevel: 'moderate' });
    report.created.push(`validator ${collection}`);
  } else if (canonical(current) !== canonical(validator)) {
    report.drift.push(`The validator of collection \`${collection}\` is not the entity's`);
  }
}

async function collectionOptions(name: string, ask: Ask): Promise<Document | null> {
  const [found] = firstBatch(await ask({ listCollections: 1, filter: { name } }));
  return found === undefined ? null : ((found['options'] as Document | undefined) ?? {});
}

async function ensureIndexes({ bson }: Opened, names: Names, ask: Ask, report: Report): Promise<void> {
  const { collection } = names;
  const current = firstBatch(await ask({ listIndexes: collection, cursor: { batchSize: 1_000 } }));
  for (const wanted of indexesOf(names.entity, names, bson)) {
    const named = current.find((index) => index['name'] === wanted.name);
    const alike = named ?? current.find((index) => signature(index) === signature(wanted));
    if (alike === undefined) {
      try {
        await ask({ createIndexes: collection, indexes: [wanted] });
        report.created.push(`index ${wanted.name}`);
      } catch (error) {
        const code = codeOf(error);
        if (code !== INDEX_OPTIONS_CONFLICT && code !== INDEX_KEY_CONFLICT) throw error;
        report.drift.push(
          `Index \`${wanted.name}\` cannot be made: collection \`${collection}\` has one on these fields with other options`,
        );
      }
    } else if (signature(alike) !== signature(wanted)) {
      report.drift.push(`Index \`${wanted.name}\` of collection \`${collection}\` is not the entity's`);
    }
  }
}

function firstBatch(reply: Document): Document[] {
  return (reply['cursor'] as { readonly firstBatch: Document[] }).firstBatch;
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code;
}
