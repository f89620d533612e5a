import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { CURRENT_DRIVERS, OLDER_DRIVERS } from './test/setup/drivers.js';

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

const own = [
  { find: /^trivet$/, replacement: source('index.ts') },
  { find: /^trivet\/(.+)$/, replacement: source('$1/index.ts') },
];

export default defineConfig({
  resolve: { alias: own },
  test: {
    // For all projects together: those that have none of their own get the addresses of these servers.
    globalSetup: ['test/setup/servers.ts'],
    reporters: ['default', 'test/setup/summary-reporter.ts'],
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias: own },
        test: {
          name: CURRENT_DRIVERS.project,
          provide: { drivers: CURRENT_DRIVERS.majors },
          include: ['test/**/*.test.ts'],
          // What servers and networks do to pools is a run of its own: `npm run test:faults`.
          exclude: [...configDefaults.exclude, 'test/faults/**'],
          // A slow, shared machine is no failure: a hang is, and each driver call has a deadline of its own.
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        resolve: { alias: [...own, ...OLDER_DRIVERS.alias] },
        test: {
          name: OLDER_DRIVERS.project,
          provide: { drivers: OLDER_DRIVERS.majors },
          include: [...OLDER_DRIVERS.include],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
