import { afterAll, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import { cacheContract } from '../../src/testing/index.js';

cacheContract({ test: it, after: afterAll, open: async () => ({ store: new MemoryStore(), close: async () => {} }) });
