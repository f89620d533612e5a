import { entity, index, type Row, text, uuid } from 'trivet';

/** Most tags of one post. */
export const MOST_TAGS = 20;

export const Tag = entity('tags', {
  id: uuid().primaryKey(),
  name: text().trim().lowercase().min(2).max(30).unique(),
});
export type Tag = Row<typeof Tag>;

/** Joins posts and tags. */
export const PostTag = entity(
  'post_tags',
  {
    postId: uuid().references('posts', { onDelete: 'cascade' }),
    tagId: uuid().references('tags', { onDelete: 'cascade' }),
  },
  { primaryKey: ['postId', 'tagId'], indexes: [index('tagId')] },
);
