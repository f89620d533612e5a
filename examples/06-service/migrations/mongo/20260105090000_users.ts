import type { MongoDatabase } from 'trivet';
import { type MigrationContext, runCommands } from 'trivet/migrate';

export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // create collection users
  await runCommands(
    db,
    [
      {
        create: 'users',
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: [
              '_id',
              'email',
              'username',
              'password',
              'role',
              'isActive',
              'profile',
              'preferences',
              'failedLogins',
              'createdAt',
              'updatedAt',
              'version',
            ],
            properties: {
              _id: { bsonType: 'binData' },
              email: { bsonType: 'string', maxLength: 254 },
              username: { bsonType: 'string', minLength: 3, maxLength: 30 },
              password: { bsonType: 'string' },
              role: { enum: ['reader', 'author', 'admin'] },
              isActive: { bsonType: 'bool' },
              profile: {
                bsonType: 'object',
                required: ['firstName', 'lastName'],
                properties: {
                  firstName: { bsonType: 'string', minLength: 1, maxLength: 50 },
                  lastName: { bsonType: 'string', minLength: 1, maxLength: 50 },
                  bio: { bsonType: 'string', maxLength: 500 },
                  location: {
                    bsonType: 'object',
                    required: ['type', 'coordinates'],
                    properties: {
                      type: { enum: ['Point'] },
                      coordinates: {
                        bsonType: 'array',
                        minItems: 2,
                        maxItems: 2,
                        items: { bsonType: 'number' },
                      },
                    },
                  },
                },
              },
              preferences: {
                bsonType: 'object',
                required: ['theme', 'newsletter'],
                properties: { theme: { enum: ['light', 'dark'] }, newsletter: { bsonType: 'bool' } },
              },
              failedLogins: {
                bsonType: ['int', 'long'],
                minimum: 0,
                maximum: { $numberLong: '9007199254740991' },
              },
              lockedUntil: { bsonType: 'date' },
              lastLoginAt: { bsonType: 'date' },
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
  // create index users_email_key
  await runCommands(
    db,
    [
      {
        createIndexes: 'users',
        indexes: [
          {
            name: 'users_email_key',
            key: { email: 1 },
            unique: true,
            partialFilterExpression: { deletedAt: { $eq: null } },
          },
        ],
      },
    ],
    { signal },
  );
  // create index users_username_key
  await runCommands(
    db,
    [
      {
        createIndexes: 'users',
        indexes: [
          {
            name: 'users_username_key',
            key: { username: 1 },
            unique: true,
            partialFilterExpression: { deletedAt: { $eq: null } },
          },
        ],
      },
    ],
    { signal },
  );
  // create index users_role_is_active_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'users',
        indexes: [{ name: 'users_role_is_active_idx', key: { role: 1, isActive: 1, _id: 1 } }],
      },
    ],
    { signal },
  );
  // create index users_created_at_id_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'users',
        indexes: [{ name: 'users_created_at_id_idx', key: { createdAt: -1, _id: -1 } }],
      },
    ],
    { signal },
  );
  // create index users_profile_location_geo_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'users',
        indexes: [{ name: 'users_profile_location_geo_idx', key: { 'profile.location': '2dsphere' } }],
      },
    ],
    { signal },
  );
  // create index users_username_profile_first_name_profile_l_dfaa51e4_search_idx
  await runCommands(
    db,
    [
      {
        createIndexes: 'users',
        indexes: [
          {
            name: 'users_username_profile_first_name_profile_l_dfaa51e4_search_idx',
            key: {
              username: 'text',
              'profile.firstName': 'text',
              'profile.lastName': 'text',
              'profile.bio': 'text',
            },
            weights: { username: 10, 'profile.firstName': 4, 'profile.lastName': 4, 'profile.bio': 1 },
            default_language: 'none',
            language_override: '_language',
          },
        ],
      },
    ],
    { signal },
  );
}

export async function down({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
  // The indexes go with their collection.
  await runCommands(db, [{ drop: 'users' }], { signal });
}
