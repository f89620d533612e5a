import type { MongoDatabase } from 'trivet';
import { type MigrationContext, runCommands } from 'trivet/migrate';

export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // create collection comments
  await runCommands(
    db,
    [
      {
        create: 'comments',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['_id', 'postId', 'authorId', 'body', 'createdAt', 'updatedAt'],
            properties: {
              _id: { bsonType: 'binData' },
              postId: { bsonType: 'binData' },
              authorId: { bsonType: 'binData' },
              parentId: { bsonType: 'binData' },
              body: { bsonType: 'string', minLength: 1, maxLength: 2000 },
              createdAt: { bsonType: 'date' },
              updatedAt: { bsonType: 'date' },
              deletedAt: { bsonType: 'date' },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index comments_post_id_created_at_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'comments',
        indexes: [{ name: 'comments_post_id_created_at_id_idx', key: { postId: 1, createdAt: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
  // create index comments_parent_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'comments',
        indexes: [{ name: 'comments_parent_id_idx', key: { parentId: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
  // create index comments_author_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'comments',
        indexes: [{ name: 'comments_author_id_idx', key: { authorId: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
  // create collection likes
  await runCommands(
    db,
    [
      {
        create: 'likes',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['postId', 'userId', 'createdAt', 'updatedAt'],
            properties: {
              postId: { bsonType: 'binData' },
              userId: { bsonType: 'binData' },
              createdAt: { bsonType: 'date' },
              updatedAt: { bsonType: 'date' },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index likes_pkey
  await runCommands(
    db,
    [
      {
        createIndexes: 'likes',
        indexes: [{ name: 'likes_pkey', key: { postId: 1, userId: 1 }, unique: true }],
      },
    ],
    { signal },
  );
  // create index likes_user_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'likes',
        indexes: [{ name: 'likes_user_id_idx', key: { userId: 1, postId: 1 } }],
      },
    ],
    { signal },
  );
}

export async function down({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // The indexes go with their collection.
  await runCommands(db, [{ drop: 'likes' }, { drop: 'comments' }], { signal });
}
