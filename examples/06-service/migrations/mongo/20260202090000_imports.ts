import type { MongoDatabase } from 'trivet';
import { type MigrationContext, runCommands } from 'trivet/migrate';

export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // create collection imports
  await runCommands(
    db,
    [
      {
        create: 'imports',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['_id', 'name', 'fence'],
            properties: {
              _id: { bsonType: 'binData' },
              name: { bsonType: 'string', minLength: 1, maxLength: 40 },
              fence: { bsonType: 'long', minimum: { $numberLong: '0' } },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index imports_name_key
  await runCommands(
    db,
    [
      {
        createIndexes: 'imports',
        indexes: [{ name: 'imports_name_key', key: { name: 1 }, unique: true }],
      },
    ],
    { signal },
  );
  // create collection imported_posts
  await runCommands(
    db,
    [
      {
        create: 'imported_posts',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['_id', 'postId'],
            properties: {
              _id: { bsonType: 'string', minLength: 1, maxLength: 200 },
              postId: { bsonType: 'binData' },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index imported_posts_post_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'imported_posts',
        indexes: [{ name: 'imported_posts_post_id_idx', key: { postId: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
}

export async function down({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // The indexes go with their collection.
  await runCommands(db, [{ drop: 'imported_posts' }, { drop: 'imports' }], { signal });
}
