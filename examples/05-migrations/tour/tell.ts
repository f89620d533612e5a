import type { MigrationPlan, MigrationReport, MigratorStatus, SeedReport } from 'trivet/migrate';

export function statusOf({ migrations, pending, problems }: MigratorStatus): string[] {
  const width = Math.max(...migrations.map(({ name }) => name.length));
  return [
    ...migrations.map(({ version, name, state }) => `${version}  ${name.padEnd(width)}  ${state}`),
    pending === 0 ? 'nothing to do' : `${pending} to do`,
    ...problems.map(({ message }) => message),
  ];
}

export function planned({ steps, warnings }: MigrationPlan): string[] {
  return [
    ...steps.map(({ version, name, direction, transaction, statements }) => {
      const what = statements === null ? 'code' : counted(statements.length, 'statement');
      return `${direction} ${version} ${name}: ${what}, ${transaction ? 'in a transaction' : 'without a transaction'}`;
    }),
    ...warnings,
  ];
}

export function reported({ steps }: MigrationReport): string[] {
  if (steps.length === 0) return ['nothing to do'];
  return steps.map(({ direction, version, name, durationMs }) => `${direction} ${version} ${name} (${durationMs} ms)`);
}

export function seeded({ seeds }: SeedReport): string[] {
  return seeds.map(({ name, inserted, updated, deleted, durationMs }) => {
    const parts = Object.entries({ inserted, updated, deleted }).filter(([, rows]) => rows > 0);
    const what = parts.map(([how, rows]) => `${counted(rows, 'row')} ${how}`).join(', ');
    return `${name}: ${what === '' ? 'nothing to do' : what} (${durationMs} ms)`;
  });
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}
