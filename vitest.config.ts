import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^trivet$/, replacement: source('index.ts') },
      { find: /^trivet\/(.+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // What servers and networks do to pools is a run of its own: `npm run test:faults`.
    exclude: [...configDefaults.exclude, 'test/faults/**'],
    globalSetup: ['test/setup/servers.ts'],
    reporters: ['default', 'test/setup/summary-reporter.ts'],
    // A slow, shared machine is no failure: a hang is, and each driver call has a deadline of its own.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
