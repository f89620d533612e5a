import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

const { projects: _all, reporters: _main, ...test } = base.test!;

/** The applications of `test/downstream` with every version that is allowed: it asks the registry for what is not here yet. */
export default mergeConfig(
  { ...base, test },
  defineConfig({
    test: {
      include: ['test/downstream/matrix.ts'],
      testTimeout: 300_000,
      hookTimeout: 300_000,
      reporters: [
        'default',
        ['./test/setup/summary-reporter.ts', { folder: 'test/downstream', file: 'downstream.json', contracts: false }],
      ],
    },
  }),
);
