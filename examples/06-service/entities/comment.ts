import { entity, index, type Row, softDelete, text, timestamps, uuid } from 'trivet';

export const Comment = entity(
  'comments',
  {
    id: uuid().primaryKey(),
    postId: uuid().references('posts', { onDelete: 'cascade' }),
    authorId: uuid().references('users', { onDelete: 'restrict' }),
    // The comment that this one answers.
    parentId: uuid().references('comments', { onDelete: 'cascade' }).optional(),
    body: text().trim().min(1).max(2_000),
    ...timestamps(),
    ...softDelete(),
  },
  { indexes: [index('postId', 'createdAt', 'id'), index('parentId'), index('authorId')] },
);
export type Comment = Row<typeof Comment>;
