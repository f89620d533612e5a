import type { MongoDatabase } from 'trivet';
import { type MigrationContext, runCommands } from 'trivet/migrate';

export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // create collection categories
  await runCommands(
    db,
    [
      {
        create: 'categories',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['_id', 'name', 'slug', 'isActive', 'createdAt', 'updatedAt'],
            properties: {
              _id: { bsonType: 'binData' },
              name: { bsonType: 'string', minLength: 2, maxLength: 60 },
              slug: { bsonType: 'string', maxLength: 80 },
              description: { bsonType: 'string', maxLength: 300 },
              parentId: { bsonType: 'binData' },
              isActive: { bsonType: 'bool' },
              createdAt: { bsonType: 'date' },
              updatedAt: { bsonType: 'date' },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index categories_slug_key
  await runCommands(
    db,
    [
      {
        createIndexes: 'categories',
        indexes: [{ name: 'categories_slug_key', key: { slug: 1 }, unique: true }],
      },
    ],
    { signal },
  );
  // create collection tags
  await runCommands(
    db,
    [
      {
        create: 'tags',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['_id', 'name'],
            properties: {
              _id: { bsonType: 'binData' },
              name: { bsonType: 'string', minLength: 2, maxLength: 30 },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index tags_name_key
  await runCommands(
    db,
    [{ createIndexes: 'tags', indexes: [{ name: 'tags_name_key', key: { name: 1 }, unique: true }] }],
    { signal },
  );
}

export async function down({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // The indexes go with their collection.
  await runCommands(db, [{ drop: 'tags' }, { drop: 'categories' }], { signal });
}
