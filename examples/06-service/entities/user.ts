import {
  boolean,
  entity,
  enumOf,
  geoPoint,
  index,
  integer,
  object,
  type Row,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from 'trivet';

export const User = entity(
  'users',
  {
    id: uuid().primaryKey(),
    email: text().trim().lowercase().email().unique(),
    username: text().trim().min(3).max(30).matches(/^\w+$/, 'must be letters, digits and underscores').unique(),
    // What is stored is the hash; the bounds are those of a password that somebody gives.
    password: text().min(10).max(200).hidden(),
    role: enumOf('reader', 'author', 'admin').default('reader'),
    isActive: boolean().default(true),
    profile: object({
      firstName: text().trim().min(1).max(50),
      lastName: text().trim().min(1).max(50),
      bio: text().max(500).optional(),
      location: geoPoint().optional(),
    }),
    preferences: object({
      theme: enumOf('light', 'dark').default('light'),
      newsletter: boolean().default(false),
    }),
    failedLogins: integer().min(0).default(0),
    lockedUntil: timestamp().optional(),
    lastLoginAt: timestamp().optional(),
    ...timestamps(),
    ...softDelete(),
    ...versioned(),
  },
  {
    indexes: [index('role', 'isActive'), index({ createdAt: 'desc', id: 'desc' }), index.geo('profile.location')],
    search: { username: 'A', 'profile.firstName': 'B', 'profile.lastName': 'B', 'profile.bio': 'D' },
    computed: { fullName: ({ profile }) => `${profile.firstName} ${profile.lastName}` },
  },
);
export type User = Row<typeof User>;
