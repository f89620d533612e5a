import type { Parts } from './parts.js';

/** The parts as the package has them. */
export const OWN_PARTS: Parts = Object.freeze({
  diffSchema: () => Promise.reject(new Error('`schema diff` is not in this version of the package')),
  renderMigrations: () => [],
  seeder: () => {
    throw new Error('`seed` is not in this version of the package');
  },
});
