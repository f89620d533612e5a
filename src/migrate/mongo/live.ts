import type { Document } from '../../mongo/client.js';
import type { RawCommands } from '../../mongo/raw.js';

/** A collection as the server has it, in values of BSON. */
export interface LiveCollection {
  readonly name: string;
  /** `collection`, `view` or `timeseries`. */
  readonly type: string;
  readonly options: Document;
}

/** The collections of the database by their names, without those that are the server's own. */
export async function liveCollections(raw: RawCommands): Promise<ReadonlyMap<string, LiveCollection>> {
  const found = await raw.all({ listCollections: 1 }, { exact: true });
  const own = found.filter(({ name }) => !String(name).startsWith('system.'));
  return new Map(
    own.map(({ name, type, options }) => [
      String(name),
      { name: String(name), type: String(type), options: (options as Document | undefined) ?? {} },
    ]),
  );
}

/** The indexes of a collection but the one on `_id`, which nobody changes. */
export async function liveIndexes(raw: RawCommands, collection: string): Promise<readonly Document[]> {
  const found = await raw.all({ listIndexes: collection, cursor: { batchSize: 1_000 } }, { exact: true });
  return found.filter(({ name }) => name !== '_id_');
}

/** The properties that the schema of a validator names, by the names on the server; null where it is not made of a schema alone. */
export function propertiesIn(validator: Document | null): Readonly<Document> | null {
  const { $jsonSchema: schema, ...rest } = validator ?? {};
  if (schema === undefined || Object.keys(rest).length > 0) return null;
  return ((schema as Document)['properties'] as Document | undefined) ?? {};
}

/** Whether documents have the field. */
export async function hasField(raw: RawCommands, collection: string, path: string): Promise<boolean> {
  const found = await raw.find(collection, { [path]: { $exists: true } }, { limit: 1, projection: { _id: 1 } });
  return found.length > 0;
}
