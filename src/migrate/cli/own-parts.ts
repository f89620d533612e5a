import { diffSchema } from '../diff/diff-schema.js';
import { renderMigrations } from '../diff/render.js';
import type { Parts } from './parts.js';

/** The parts as the package has them. */
export const OWN_PARTS: Parts = Object.freeze<Parts>({
  diffSchema,
  renderMigrations,
  seeder: () => {
    throw new Error('`seed` is not in this version of the package');
  },
});
