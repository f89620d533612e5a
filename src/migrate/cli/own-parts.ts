import { diffSchema } from '../diff/diff-schema.js';
import { renderMigrations } from '../diff/render.js';
import { Seeder } from '../seed/seeder.js';
import type { Parts } from './parts.js';

/** The parts as the package has them. */
export const OWN_PARTS: Parts = Object.freeze<Parts>({
  diffSchema,
  renderMigrations,
  seeder: (database, options) => new Seeder(database, options),
});
