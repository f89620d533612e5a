import type { MongoDatabase } from 'trivet';
import { type MigrationContext, runCommands } from 'trivet/migrate';

export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // create collection posts
  await runCommands(
    db,
    [
      {
        create: 'posts',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: [
              '_id',
              'authorId',
              'title',
              'slug',
              'body',
              'excerpt',
              'wordCount',
              'readingMinutes',
              'status',
              'featured',
              'views',
              'categoryIds',
              'createdAt',
              'updatedAt',
              'version',
            ],
            properties: {
              _id: { bsonType: 'binData' },
              authorId: { bsonType: 'binData' },
              title: { bsonType: 'string', minLength: 3, maxLength: 120 },
              slug: { bsonType: 'string', maxLength: 140 },
              body: { bsonType: 'string', minLength: 1, maxLength: 50000 },
              excerpt: { bsonType: 'string', maxLength: 200 },
              wordCount: {
                bsonType: ['int', 'long'],
                minimum: 0,
                maximum: { $numberLong: '9007199254740991' },
              },
              readingMinutes: {
                bsonType: ['int', 'long'],
                minimum: 1,
                maximum: { $numberLong: '9007199254740991' },
              },
              status: { enum: ['draft', 'published', 'archived'] },
              publishedAt: { bsonType: 'date' },
              featured: { bsonType: 'bool' },
              views: {
                bsonType: ['int', 'long'],
                minimum: 0,
                maximum: { $numberLong: '9007199254740991' },
              },
              categoryIds: { bsonType: 'array', maxItems: 5, items: { bsonType: 'binData' } },
              createdAt: { bsonType: 'date' },
              updatedAt: { bsonType: 'date' },
              deletedAt: { bsonType: 'date' },
              version: {
                bsonType: ['int', 'long'],
                minimum: 1,
                maximum: { $numberLong: '9007199254740991' },
              },
            },
          },
        },
      },
    ],
    { signal },
  );
  // create index posts_slug_key
  await runCommands(
    db,
    [
      {
        createIndexes: 'posts',
        indexes: [
          {
            name: 'posts_slug_key',
            key: { slug: 1 },
            unique: true,
            partialFilterExpression: { deletedAt: { $eq: null } },
          },
        ],
      },
    ],
    { signal },
  );
  // create index posts_author_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'posts',
        indexes: [{ name: 'posts_author_id_idx', key: { authorId: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
  // create index posts_published_at_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'posts',
        indexes: [
          {
            name: 'posts_published_at_id_idx',
            key: { publishedAt: -1, _id: -1 },
            partialFilterExpression: { status: { $eq: 'published' }, deletedAt: { $eq: null } },
          },
        ],
      },
    ],
    { signal },
  );
  // create index posts_views_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'posts',
        indexes: [{ name: 'posts_views_id_idx', key: { views: -1, _id: -1 } }],
      },
    ],
    { signal },
  );
  // create index posts_category_ids_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'posts',
        indexes: [{ name: 'posts_category_ids_idx', key: { categoryIds: 1 } }],
      },
    ],
    { signal },
  );
  // create index posts_title_excerpt_body_search_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'posts',
        indexes: [
          {
            name: 'posts_title_excerpt_body_search_idx',
            key: { title: 'text', excerpt: 'text', body: 'text' },
            weights: { title: 10, excerpt: 4, body: 2 },
            default_language: 'none',
            language_override: '_language',
          },
        ],
      },
    ],
    { signal },
  );
  // create collection post_tags
  await runCommands(
    db,
    [
      {
        create: 'post_tags',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['postId', 'tagId'],
            properties: { postId: { bsonType: 'binData' }, tagId: { bsonType: 'binData' } },
          },
        },
      },
    ],
    { signal },
  );
  // create index post_tags_pkey
  await runCommands(
    db,
    [
      {
        createIndexes: 'post_tags',
        indexes: [{ name: 'post_tags_pkey', key: { postId: 1, tagId: 1 }, unique: true }],
      },
    ],
    { signal },
  );
  // create index post_tags_tag_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'post_tags',
        indexes: [{ name: 'post_tags_tag_id_idx', key: { tagId: 1, postId: 1 } }],
      },
    ],
    { signal },
  );
}

export async function down({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // The indexes go with their collection.
  await runCommands(db, [{ drop: 'post_tags' }, { drop: 'posts' }], { signal });
}
