/** What both engines give for what they share. */
const shared = {
  open: ['Alpha', 'Beta', 'Gamma'],
  others: ['other Of others'],
  changed: 3,
  feed: [2, 1],
  users: { ann: 3 },
  visits: [1, 1],
  errors: {
    nobody: 'invalid tenant',
    foreign: 'missing',
    taken: 'taken slug tenant',
    stale: 'stale',
    invalid: 'invalid title',
    rolledBack: 'taken slug tenant',
  },
  left: 3,
  audit: ['inserted acme ann', 'inserted acme ann', 'inserted acme ann', 'inserted other eve', 'updated acme ann'],
  inserts: true,
  closed: 'closed',
};

const reading = {
  warmer: 23,
  action: 'updated',
  warm: ['roof'],
  count: 2,
  refused: [
    'ValidationError celsius',
    'ValidationError celsius',
    'DuplicateKeyError',
    'NotFoundError',
    'ValidationError ',
  ],
};

/** What each application prints, by its name: the same with every driver and on every Node. */
export const EXPECTED = {
  service: {
    migrated: ['1 tables', '2 positive', '1 collections'],
    unit: 'passed',
    postgres: shared,
    mongo: shared,
    tables: {
      id: 'bigint',
      locked: '10.5',
      total: '10.75',
      elsewhere: '0',
      perUser: [{ user: 'ann', rows: 2 }],
      broken: 'broken CONSTRAINT',
    },
    collections: {
      id: true,
      perPath: [
        { _id: '/a', n: 2 },
        { _id: '/b', n: 1 },
      ],
      perUser: [{ _id: 'ann', rows: 3 }],
      documents: 3,
      majority: 3,
    },
    cached: { first: [1, 1], other: 2, again: 3, contended: 'busy' },
    web: {
      first: { slug: 'web', made: 1 },
      second: { slug: 'web', made: 1 },
      missing: [404, 'application/problem+json'],
      ready: 200,
      live: 200,
    },
  },
  script: { postgres: reading, mongo: reading, cached: [1, 1], locked: 'LockContendedError' },
} as const;

export type AppName = keyof typeof EXPECTED;
export const APPS: readonly AppName[] = ['service', 'script'];
