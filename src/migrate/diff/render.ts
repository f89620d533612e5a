import type { SchemaChange, SchemaDiff } from './types.js';

/** The text of a migration, to be reviewed. */
export interface RenderedMigration {
  /** Such as `add_age`; `add_age_online` for what may not run in a transaction, and `add_age_finish` for what comes behind it. */
  readonly name: string;
  /** How its file ends. */
  readonly kind: 'sql' | 'ts';
  readonly text: string;
}

const WIDTH = 110;

/**
 * The files of a difference, in the order in which they are to be applied. What may run in a transaction and what may not are files of their own, so a
 * difference is at most three. Each says what it does to who uses the database meanwhile; what is left alone, and what is asked, stands in the first.
 *
 * @example
 * ```ts
 * import { entity, integer, PostgresDatabase } from 'trivet';
 * import { diffSchema, renderMigrations } from 'trivet/migrate';
 *
 * const Counter = entity('counters', { id: integer().primaryKey() });
 * const diff = await diffSchema(new PostgresDatabase({ url: 'postgres://localhost/shop' }), [Counter]);
 * for (const { name, kind, text } of renderMigrations(diff, { name: 'counters' })) console.log(`${name}.${kind}`, text);
 * ```
 */
export function renderMigrations(diff: SchemaDiff, { name }: { readonly name: string }): readonly RenderedMigration[] {
  const groups: SchemaChange[][] = [];
  for (const change of diff.changes) {
    const last = groups.at(-1);
    if (last !== undefined && last[0]!.transaction === change.transaction) last.push(change);
    else groups.push([change]);
  }
  const names = new Set<string>();
  return groups.map((changes, i) => {
    const told = i === 0 ? toldOf(diff) : [];
    const own = freeName(nameOf(name, groups, i), names);
    return isSql(changes)
      ? { name: own, kind: 'sql', text: renderSql(changes, told) }
      : { name: own, kind: 'ts', text: renderCode(changes, told) };
  });
}

function nameOf(name: string, groups: readonly (readonly SchemaChange[])[], i: number): string {
  if (groups.length === 1 || (i === 0 && groups[0]![0]!.transaction)) return name;
  return `${name}_${groups[i]![0]!.transaction ? 'finish' : 'online'}`;
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i += 1) free = `${name}_${i}`;
  taken.add(free);
  return free;
}

function toldOf({ foreign, questions }: SchemaDiff): string[] {
  return [
    ...questions.map(
      ({ from, to }) => `Not decided: is \`${from}\` now ${to.map((each) => `\`${each}\``).join(' or ')}?`,
    ),
    ...foreign.map((each) => `Left alone: ${each}`),
  ];
}

function isSql(changes: readonly SchemaChange[]): changes is readonly SchemaChange<string>[] {
  return changes.every(({ up, down }) => [...up, ...(down ?? [])].every((each) => typeof each === 'string'));
}

function renderSql(changes: readonly SchemaChange<string>[], told: readonly string[]): string {
  const option = changes[0]!.transaction ? '' : ' transaction:false';
  const lines = told.length === 0 ? [] : [...told.flatMap((each) => comment(each, '--')), ''];
  lines.push(`-- migrate:up${option}`);
  for (const change of changes) lines.push('', ...heading(change, '--'), ...blocks(change.up));
  if (changes.every(({ down }) => down !== null)) {
    lines.push('', `-- migrate:down${option}`);
    for (const { what, down } of [...changes].reverse()) lines.push('', ...comment(what, '--'), ...blocks(down!));
  } else {
    const lost = changes.filter(({ down }) => down === null).map(({ what }) => what);
    lines.push('', ...comment(`There is no way back, because there is none of: ${lost.join(', ')}.`, '--'));
  }
  return `${lines.join('\n')}\n`;
}

function heading({ action, what, warnings }: SchemaChange, mark: string): string[] {
  return [
    ...comment(`${action} ${what}`, mark),
    ...warnings.flatMap(({ risk, message }) => comment(`${risk}: ${message}`, mark, '  ')),
  ];
}

function blocks(statements: readonly string[]): string[] {
  return statements.map((sql) => `${sql};`);
}

/** In lines of a width to be read; a name with a line break in it must not end the comment. */
function comment(text: string, mark: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = `${mark} ${indent}`;
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length > WIDTH && line.trim() !== mark) {
      lines.push(line.trimEnd());
      line = `${mark} ${indent}${indent}`;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** Commands of MongoDB, which only code can run. */
function renderCode(changes: readonly SchemaChange[], told: readonly string[]): string {
  const way = (name: 'up' | 'down', list: readonly SchemaChange[]): string[] => [
    '',
    `export async function ${name}({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {`,
    ...list.flatMap((change) => [
      ...(name === 'up' ? heading(change, '  //') : comment(change.what, '  //')),
      ...(change[name]!.length === 0 ? [] : [`  await runCommands(db, ${literal(change[name]!)}, { signal });`]),
    ]),
    '}',
  ];
  return [
    ...told.flatMap((each) => comment(each, '//')),
    "import type { MongoDatabase } from 'trivet';",
    "import { type MigrationContext, runCommands } from 'trivet/migrate';",
    ...(changes[0]!.transaction ? ['', 'export const transaction = true;'] : []),
    ...way('up', changes),
    ...(changes.every(({ down }) => down !== null) ? way('down', [...changes].reverse()) : []),
    '',
  ].join('\n');
}

function literal(commands: SchemaChange['up']): string {
  const values = commands.map((each) => (typeof each === 'string' ? each : each.command));
  return JSON.stringify(values, null, 2).replaceAll('\n', '\n  ');
}
