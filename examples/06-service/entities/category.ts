import { boolean, entity, type Row, text, timestamps, uuid } from 'trivet';

export const Category = entity('categories', {
  id: uuid().primaryKey(),
  name: text().trim().min(2).max(60),
  slug: text().max(80).generated().unique(),
  description: text().max(300).optional(),
  parentId: uuid().references('categories', { onDelete: 'set null' }).optional(),
  isActive: boolean().default(true),
  ...timestamps(),
});
export type Category = Row<typeof Category>;
