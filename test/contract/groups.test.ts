import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { PostgresDatabase } from '../../src/postgres/database.js';
import { clear, seed, threeEngines } from './fuzz/engines.js';
import { Thing } from './fuzz/entities.js';
import { expected, groupsOf, TOO_LARGE } from './fuzz/group-reference.js';
import { callOf, columnsOf, comparisonOf, type GroupSpec, group, timedDataset } from './fuzz/groups.js';
import { canonical, filterOf, Subject, Tally } from './fuzz/interpret.js';

// What plain JavaScript makes of the rows, every engine makes of them. FC_SEED runs a failure again, FC_RUNS says how many datasets.
const numRuns = Number(process.env['FC_RUNS'] ?? 250);

const { databases, sql, postgres } = await threeEngines('groups', [Thing]);
const subjects = databases.map((database) => new Subject(database, Thing));
// A bucket must not take the zone of the session. Only connections made from now on are in it.
const admin = new PostgresDatabase({ url: postgres.url });
await admin.query(`alter database "${postgres.name}" set timezone = 'America/New_York'`);
await admin.close();

it.runIf(inject('postgresReal'))('the session of PostgreSQL is in New York', async () => {
  expect(await sql.query('show timezone')).toEqual([{ TimeZone: 'America/New_York' }]);
});

type Row = Record<string, unknown>;
const counts = { calls: 0, withGroups: 0, withHaving: 0, keptByHaving: 0, tooLarge: 0 };

/** An operand that the measure takes: a sum may be too long for one. */
function isOperand(value: unknown): boolean {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  if (typeof value === 'string') return value.replace(/\D/g, '').length <= 34;
  return typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** The comparison that a spec asks for, where it means something for these groups. */
function havingOf(spec: GroupSpec, groups: readonly Row[]): readonly [low: unknown, high: unknown] | null {
  const { having } = spec;
  if (having === null || having.measure >= spec.measures.length || groups.length === 0) return null;
  const operands = having.groups.map((i) => groups[i % groups.length]![`m${having.measure}`]);
  const [low, high] = operands;
  const comparesNull = !['plain', 'eq', 'ne', 'anyOf', 'noneOf'].includes(having.op) && operands.includes(null);
  return comparesNull || !operands.every(isOperand) ? null : [low, high];
}

async function answered(call: () => Promise<unknown>): Promise<string> {
  try {
    return canonical(await call());
  } catch (error) {
    const { name, message } = error as Error;
    return name === TOO_LARGE ? name : `${name}: ${message}`;
  }
}

async function check(spec: GroupSpec, stored: readonly Row[]): Promise<void> {
  const where = spec.where === null ? {} : filterOf(spec.where, stored, new Tally());
  const rows: Row[] = await subjects[0]!.verbs.find(where);
  const groups = groupsOf(spec, rows);
  const having = havingOf(spec, groups);
  const names = columnsOf(spec);
  const options = {
    where,
    having: having === null ? undefined : { [`m${spec.having!.measure}`]: comparisonOf(spec.having!, ...having) },
    orderBy: Object.fromEntries(
      spec.order.flatMap(([column, to]) => (column < names.length ? [[names[column]!, to]] : [])),
    ),
    limit: spec.limit ?? undefined,
    offset: spec.offset,
  };
  const wanted = expected(spec, groups, having);
  const told = wanted === TOO_LARGE ? wanted : canonical(wanted);
  counts.calls++;
  if (wanted === TOO_LARGE) counts.tooLarge++;
  else if (wanted.length > 0) counts.withGroups++;
  if (having !== null) {
    counts.withHaving++;
    if (wanted.length > 0) counts.keptByHaving++;
  }
  for (const { name: engine, verbs } of subjects) {
    const found = await answered(() => verbs.groupBy(...callOf(spec), options));
    if (found !== told)
      throw new Error(
        `${engine} differs\n${fc.stringify(spec)}\n${fc.stringify(having)}\nwanted: ${told}\nfound: ${found}`,
      );
  }
}

it('every engine groups the rows of every dataset as plain JavaScript does', { timeout: 600_000 }, async () => {
  const property = fc.asyncProperty(
    timedDataset,
    fc.array(group, { minLength: 3, maxLength: 8 }),
    async (drafts, specs) => {
      for (const [i, database] of databases.entries()) {
        await clear(database, Thing);
        await subjects[i]!.at(0).verbs.insertMany(drafts);
      }
      const stored = await subjects[0]!.all();
      for (const spec of specs) await check(spec, stored);
    },
  );
  await fc.assert(property, { seed, numRuns });
  console.log(`[groups] ${JSON.stringify(counts)}`);
  expect(counts.withGroups / counts.calls).toBeGreaterThan(0.3);
  expect(counts.keptByHaving).toBeGreaterThan(0);
});
