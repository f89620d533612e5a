import { strict as assert } from 'node:assert';
import { MemoryDatabase } from 'trivet/memory';
import { AuditTrail } from './audit.js';
import { Project } from './entities.js';
import { ServiceError } from './errors.js';
import { Planning } from './planning.js';
import { Projects } from './repositories.js';
import { runAs } from './tenancy.js';

/** The unit test of a service: in memory, without a server. */
export async function unitTest(): Promise<string> {
  const database = new MemoryDatabase();
  const audit = new AuditTrail();
  const projects = new Projects(database, Project, audit);
  const planning = new Planning(database, projects);
  await runAs({ tenant: 'acme', user: 'ann' }, async () => {
    const [project] = await planning.begin([{ slug: 'One', title: 'One' }]);
    assert.equal(project?.slug, 'one');
    assert.equal(project.changedBy, 'ann');
    await assert.rejects(
      planning.begin([
        { slug: 'two', title: 'Two' },
        { slug: 'one', title: 'Again' },
      ]),
      ServiceError,
    );
    assert.equal(await projects.count(), 1);
  });
  assert.equal(await runAs({ tenant: 'other', user: 'eve' }, () => projects.count()), 0);
  assert.deepEqual(
    audit.entries.map(({ action }) => action),
    ['inserted'],
  );
  return 'passed';
}
