import { afterAll, it } from 'vitest';
import { MemoryDatabase } from '../../src/memory/database.js';
import { repositoryContract } from '../../src/testing/index.js';

repositoryContract({
  test: it,
  after: afterAll,
  open: async () => ({ database: new MemoryDatabase(), close: async () => {} }),
});
