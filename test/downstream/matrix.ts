import { afterAll, describe, expect, it } from 'vitest';
import { OWN_COMPILER } from '../package/compile.js';
import { Consumer, DRIVERS, RESOLUTIONS } from '../package/consumer.js';
import { pack } from '../package/packed.js';
import { build, buildWrongly, copyApps, REFUSED, type Settings, servers, start, versionIn } from './application.js';
import { APPS, EXPECTED } from './checks.js';
import { allowed, compilerOf, installProject, nodeOf } from './registry.js';

// The applications as strangers have them: everything comes from the registry, and nothing is linked.

const packed = await pack();
afterAll(() => packed.remove());

const NODES = await Promise.all(['20', '22', '24'].map(async (major) => ({ major, path: await nodeOf(major) })));
const COMPILERS = await Promise.all(
  ['5.4', 'latest'].map(async (version) => ({ version, compiler: await compilerOf(version) })),
);
const peers = {
  mongodb: await allowed('mongodb'),
  ioredis: await allowed('ioredis'),
  pg: await allowed('pg'),
};

/** The newest major of each driver together, and the oldest that is allowed: every major is in one of them. */
const SETS = [
  { name: 'newest', mongodb: peers.mongodb.majors.at(-1)!, ioredis: peers.ioredis.majors.at(-1)!, nodes: NODES },
  { name: 'older', mongodb: peers.mongodb.majors[0]!, ioredis: peers.ioredis.majors[0]!, nodes: NODES },
].map((each) => ({ ...each, pg: peers.pg.majors.at(-1)! }));
const LOWEST = {
  name: 'lowest allowed',
  mongodb: peers.mongodb.lowest,
  ioredis: peers.ioredis.lowest,
  pg: peers.pg.lowest,
  nodes: NODES.slice(0, 1),
};

it('both majors of a driver are seen', () => {
  expect(new Set(SETS.map(({ mongodb }) => mongodb)).size).toBe(peers.mongodb.majors.length);
  expect(new Set(SETS.map(({ ioredis }) => ioredis)).size).toBe(peers.ioredis.majors.length);
});

describe.each([...SETS, LOWEST])('with the $name drivers of the registry', async ({ name, nodes, ...versions }) => {
  const { folder, remove } = await installProject(packed, versions);
  afterAll(remove);
  await copyApps(folder);
  await Promise.all(APPS.map((app) => build(folder, app)));

  it('installs the versions that are asked for', async () => {
    for (const driver of DRIVERS)
      expect(`${await versionIn(folder, driver)}.`).toMatch(
        new RegExp(`^${versions[driver].replaceAll('.', '\\.')}\\.`),
      );
  });

  describe.each(APPS)('%s', (app) => {
    it.each(name === LOWEST.name ? [] : COMPILERS)('is typed by TypeScript $version', async ({ compiler }) => {
      await build(folder, app, compiler);
      await expect(buildWrongly(folder, app, compiler)).rejects.toThrow(REFUSED);
    });

    describe.each(nodes)('on Node $major', async ({ major, path }) => {
      const stores = await servers();

      it('does what it is for', async () => {
        expect(await start(folder, app, stores, path)).toEqual({ ...EXPECTED[app], node: major });
      });
    });
  });
});

const BUNDLER: Settings = { module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: false };
const SETTINGS: readonly Settings[] = [
  BUNDLER,
  { ...BUNDLER, exactOptionalPropertyTypes: true, skipLibCheck: true },
  { module: 'node16', moduleResolution: 'node16', exactOptionalPropertyTypes: false },
];

describe('a project of other settings', async () => {
  const linked = await Consumer.install(packed, DRIVERS);
  const bare = await Consumer.install(packed, []);
  afterAll(() => Promise.all([linked.remove(), bare.remove()]));
  await copyApps(linked.folder);

  it.each(SETTINGS)(
    'is typed with $moduleResolution and exactOptionalPropertyTypes $exactOptionalPropertyTypes',
    async (settings) => {
      await build(linked.folder, 'service', OWN_COMPILER, settings);
    },
  );

  // TypeScript 7 does not know it any more.
  it.each([OWN_COMPILER, COMPILERS[0]!.compiler])(
    'is typed by CommonJS without `exports`, from the root alone',
    async (compiler) => {
      const resolution = { name: 'Node10', file: 'app.ts', module: 'commonjs', moduleResolution: 'node10' };
      await linked.compile('root-only.ts', resolution, compiler);
    },
  );

  describe.each(COMPILERS)('under TypeScript $version', ({ compiler }) => {
    it.each(RESOLUTIONS)('is typed by $name, with every driver and without any', async (resolution) => {
      await linked.compile('with-drivers.ts', resolution, compiler);
      await bare.compile('without-drivers.ts', resolution, compiler);
    });
  });
});
