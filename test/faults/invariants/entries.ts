import { type Database, entity, integer, type Repository, type Resource, text } from '../../../src/index.js';

export const Entry = entity('entries', {
  id: text().max(40).primaryKey(),
  tag: text().max(40).optional(),
  n: integer().default(0),
});

export type Entries = Repository<typeof Entry>;
export type Both = Database<'memory'> & Resource;
