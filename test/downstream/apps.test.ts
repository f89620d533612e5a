import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, DRIVERS } from '../package/consumer.js';
import { pack } from '../package/packed.js';
import { CURRENT_DRIVERS, OLDER_DRIVERS } from '../setup/drivers.js';
import { build, buildWrongly, copyApps, REFUSED, servers, start, versionIn } from './application.js';
import { APPS, EXPECTED } from './checks.js';

// Applications that have nothing of this repository but its tarball. Other versions of Node, of TypeScript and of the drivers: `npm run test:downstream`.

const packed = await pack();
afterAll(() => packed.remove());

const OLDER = { mongodb: 'mongodb-6', ioredis: 'ioredis-5' };

describe.each([
  { name: CURRENT_DRIVERS.project, majors: CURRENT_DRIVERS.majors, from: {} },
  { name: OLDER_DRIVERS.project, majors: OLDER_DRIVERS.majors, from: OLDER },
])('an application with the package and $name', async ({ majors, from }) => {
  const { folder, ...project } = await Consumer.install(packed, DRIVERS, from).then(async (made) => {
    await copyApps(made.folder);
    return { folder: made.folder, remove: () => made.remove() };
  });
  afterAll(() => project.remove());
  const stores = { service: await servers(), script: await servers() };

  it('has the drivers that it says', async () => {
    for (const name of ['mongodb', 'ioredis'] as const)
      expect(await versionIn(folder, name)).toMatch(new RegExp(`^${majors[name]}\\.`));
  });

  describe.each(APPS)('%s', (name) => {
    beforeAll(() => build(folder, name));

    it('is typed, its dependencies too, and does what it is for', async () => {
      expect(await start(folder, name, stores[name])).toEqual({
        ...EXPECTED[name],
        node: process.versions.node.split('.')[0],
      });
    });

    it('is refused by the compiler where it is wrong', async () => {
      await expect(buildWrongly(folder, name)).rejects.toThrow(REFUSED);
    });
  });
});
