import { entity, fenced, index, type Row, text, uuid } from 'trivet';

/** A row for each kind of import. Its fence keeps out whoever was at it before and has lost the lock. */
export const Import = entity('imports', {
  id: uuid().primaryKey(),
  name: text().min(1).max(40).unique(),
  fence: fenced().fence.hidden(),
});
export type Import = Row<typeof Import>;

/** Which post came from which reference of another system. It outlives a post that is deleted softly: that one does not come again. */
export const ImportedPost = entity(
  'imported_posts',
  {
    reference: text().min(1).max(200).primaryKey(),
    postId: uuid().references('posts', { onDelete: 'cascade' }),
  },
  { indexes: [index('postId')] },
);
export type ImportedPost = Row<typeof ImportedPost>;
