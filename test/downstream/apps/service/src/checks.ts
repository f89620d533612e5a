import type { Database, MongoDatabase, PostgresDatabase } from 'trivet';
import { AuditTrail } from './audit.js';
import type { TenantCache } from './cached.js';
import { Invoice, Project, Visit } from './entities.js';
import { ServiceError, serviceError } from './errors.js';
import { Planning } from './planning.js';
import { Invoices, Projects, Visits } from './repositories.js';
import { runAs } from './tenancy.js';
import { CommandCounts } from './tenant-options.js';

const ANN = { tenant: 'acme', user: 'ann' };
const EVE = { tenant: 'other', user: 'eve' };

/** What a call failed with, in words of the service. */
export async function kindOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'nothing';
  } catch (error) {
    const said = serviceError(error);
    return said instanceof ServiceError ? [said.kind, ...said.details].join(' ') : String(error);
  }
}

/** The shared repositories and the service, on one engine. */
export async function shared(database: Database): Promise<object> {
  const audit = new AuditTrail();
  const counts = new CommandCounts();
  const projects = new Projects(database, Project, audit, { use: [counts.middleware] });
  const planning = new Planning(database, projects);
  const begun = new Date(Date.now() - 60_000);

  const [first] = await runAs(ANN, () =>
    planning.begin(['Alpha', 'Beta', 'Gamma'].map((title) => ({ slug: title, title }))),
  );
  await runAs(EVE, () => planning.begin([{ slug: 'alpha', title: 'Of others' }]));
  const visited = await runAs(ANN, () => projects.visited(first!.id));
  return {
    open: await runAs(ANN, async () => (await projects.open()).map(({ title }) => title)),
    others: await runAs(EVE, async () => (await projects.latest(9)).map(({ title, tenant }) => `${tenant} ${title}`)),
    changed: await runAs(ANN, async () => (await projects.changedBy('ann', begun)).length),
    feed: await runAs(ANN, async () => {
      const page = await projects.feed({ state: 'open' });
      const rest = await projects.feed({ state: 'open' }, page.next!);
      return [page.rows.length, rest.rows.length];
    }),
    users: await runAs(ANN, async () => Object.fromEntries(await projects.countsByUser())),
    visits: [visited.visits, visited.version - first!.version],
    errors: {
      nobody: await kindOf(projects.find()),
      foreign: await runAs(EVE, () => kindOf(projects.get(first!.id))),
      taken: await runAs(ANN, () => kindOf(projects.insert({ slug: 'ALPHA ', title: 'Again' }))),
      stale: await runAs(ANN, () => kindOf(planning.close(first!.id, first!.version))),
      invalid: await runAs(ANN, () => kindOf(projects.insert(JSON.parse('{"slug":"x","title":{"$ne":null}}')))),
      rolledBack: await runAs(ANN, () =>
        kindOf(
          planning.begin([
            { slug: 'delta', title: 'D' },
            { slug: 'alpha', title: 'A' },
          ]),
        ),
      ),
    },
    left: await runAs(ANN, () => projects.count()),
    audit: audit.entries.map(({ action, tenant, changedBy }) => `${action} ${tenant} ${changedBy}`),
    inserts: counts.of('insert projects tx') > 0,
    closed: await runAs(ANN, async () => (await planning.close(first!.id, visited.version)).state),
  };
}

export async function tables(database: PostgresDatabase): Promise<object> {
  const invoices = new Invoices(database, Invoice);
  const projectId = '01890000-0000-7000-8000-000000000001';
  return runAs(ANN, async () => {
    const [first] = await invoices.insertMany([
      { projectId, amount: '10.50' },
      { projectId, amount: '0.25' },
    ]);
    const locked = await database.transaction(() => invoices.locked(first!.id));
    return {
      id: typeof first!.id,
      locked: locked.amount,
      total: await invoices.total(projectId),
      elsewhere: await runAs(EVE, () => invoices.total(projectId)),
      perUser: await invoices.perUser(),
      broken: await kindOf(invoices.insert({ projectId, amount: '-1' })),
    };
  });
}

export async function collections(database: MongoDatabase): Promise<object> {
  const visits = new Visits(database, Visit);
  const projectId = '01890000-0000-7000-8000-000000000001';
  return runAs(ANN, async () => {
    const [first] = await visits.insertMany(['/a', '/b', '/a'].map((path) => ({ projectId, path })));
    await runAs(EVE, () => visits.insert({ projectId, path: '/a' }));
    return {
      id: /^[0-9a-f]{24}$/.test(first!.id),
      perPath: await visits.perPath(),
      perUser: await visits.perUser(),
      documents: await visits.documents(),
      majority: await visits.with({ readConcern: 'majority' }).count(),
    };
  });
}

export async function cached(cache: TenantCache): Promise<object> {
  let loads = 0;
  const load = async () => ++loads;
  return runAs(ANN, async () => {
    const first = [await cache.remember('top', load), await cache.remember('top', load)];
    const other = await runAs(EVE, () => cache.remember('top', load));
    await cache.forget();
    const again = await cache.remember('top', load);
    const contended = await cache.alone('report', ({ fence }) => {
      if (fence < 1n) throw new Error('no fence');
      return kindOf(cache.alone('report', async () => 'taken twice'));
    });
    return { first, other, again, contended };
  });
}
