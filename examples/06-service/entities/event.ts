import { entity, enumOf, index, type Row, timestamp, uuid } from 'trivet';

/** What happened to a post. The log is in MongoDB, wherever the posts are, so no reference can be kept by a server. */
export const Event = entity(
  'events',
  {
    id: uuid().primaryKey(),
    kind: enumOf('view', 'share', 'publish'),
    postId: uuid(),
    userId: uuid().optional(),
    at: timestamp(),
  },
  { indexes: [index('postId', 'kind'), index('at')] },
);
export type Event = Row<typeof Event>;
