import type { MongoDatabase } from 'trivet';
import { type MigrationContext, runCommands } from 'trivet/migrate';

export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // create collection events
  await runCommands(
    db,
    [
      {
        create: 'events',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['_id', 'kind', 'postId', 'at'],
            properties: {
              _id: { bsonType: 'binData' },
              kind: { enum: ['view', 'share', 'publish'] },
              postId: { bsonType: 'binData' },
              userId: { bsonType: 'binData' },
              at: { bsonType: 'date' },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index events_post_id_kind_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'events',
        indexes: [{ name: 'events_post_id_kind_idx', key: { postId: 1, kind: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
  // create index events_at_idx
  await runCommands(db, [{ createIndexes: 'events', indexes: [{ name: 'events_at_idx', key: { at: 1, _id: 1 } }] }], {
    signal,
  });
}

export async function down({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // The indexes go with their collection.
  await runCommands(db, [{ drop: 'events' }], { signal });
}
