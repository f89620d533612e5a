import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

const { projects: _all, reporters: _main, ...test } = base.test!;

/** The fault suite: servers that are killed and frozen, and networks that lose what they carry. */
export default mergeConfig(
  { ...base, test },
  defineConfig({
    test: {
      include: ['test/faults/**/*.test.ts'],
      testTimeout: 120_000,
      hookTimeout: 180_000,
      reporters: [
        'default',
        ['./test/setup/summary-reporter.ts', { folder: 'test/faults', file: 'faults.json', contracts: false }],
      ],
      // Nothing that is said while things go wrong shows a secret.
      setupFiles: ['test/faults/journal-setup.ts'],
    },
  }),
);
