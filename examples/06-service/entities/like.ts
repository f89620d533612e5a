import { entity, index, type Row, timestamps, uuid } from 'trivet';

export const Like = entity(
  'likes',
  {
    postId: uuid().references('posts', { onDelete: 'cascade' }),
    userId: uuid().references('users', { onDelete: 'cascade' }),
    ...timestamps(),
  },
  // One like of a user for a post, whatever happens at once.
  { primaryKey: ['postId', 'userId'], indexes: [index('userId')] },
);
export type Like = Row<typeof Like>;
