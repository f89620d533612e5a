import { expected, refuseUnknown } from '../../core/engine-options.js';
import { renderMongo } from '../mongo/render.js';
import type { MongoCommand, SchemaChange, SchemaDiff } from './types.js';

/** The text of a migration, to be reviewed. */
export interface RenderedMigration {
  /** Such as `add_age`; `add_age_online` for what may not run in a transaction, and `add_age_finish` for what comes behind it. */
  readonly name: string;
  /** How its file ends. */
  readonly kind: 'sql' | 'ts' | 'mjs';
  readonly text: string;
}

/** How files are written. */
export interface RenderOptions {
  /** Name of the migration, such as `add_age`. */
  readonly name: string;
  /** What commands of MongoDB are written in, which only code can run. @default 'ts' */
  readonly language?: 'ts' | 'js' | undefined;
}

/** The defaults of `RenderOptions`. */
export const RENDER_DEFAULTS: { readonly language: 'ts' | 'js' } = Object.freeze({ language: 'ts' });

const KNOWN: ReadonlySet<string> = new Set(['name', 'language']);
const WIDTH = 110;

/**
 * The files of a difference, in the order in which they are to be applied. What may run in a transaction and what may not are files of their own, so a
 * difference is at most three; commands of MongoDB are one file of code. Each says what it does to who uses the database meanwhile; what is left alone, and
 * what is asked, stands in the first.
 *
 * @throws TypeError for an option that is not what was expected
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
export function renderMigrations(diff: SchemaDiff, options: RenderOptions): readonly RenderedMigration[] {
  refuseUnknown(options, KNOWN);
  const { name, language = RENDER_DEFAULTS.language } = options;
  if (typeof name !== 'string' || name === '') throw expected('name', 'a text, such as `add_age`', name);
  if (language !== 'ts' && language !== 'js') throw expected('language', "'ts' or 'js'", language);
  if (isOfMongo(diff)) return [{ name, kind: language === 'ts' ? 'ts' : 'mjs', text: renderMongo(diff, language) }];
  const groups: SchemaChange<string>[][] = [];
  for (const change of diff.changes as readonly SchemaChange<string>[]) {
    const last = groups.at(-1);
    if (last !== undefined && last[0]!.transaction === change.transaction) last.push(change);
    else groups.push([change]);
  }
  const names = new Set<string>();
  return groups.map((changes, i) => {
    const told = i === 0 ? toldOf(diff) : [];
    return { name: freeName(nameOf(name, groups, i), names), kind: 'sql', text: renderSql(changes, told) };
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

function isOfMongo(diff: SchemaDiff): diff is SchemaDiff<MongoCommand> {
  return diff.changes.some(({ up, down }) => [...up, ...(down ?? [])].some((each) => typeof each !== 'string'));
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

/** In lines of a width to be read; a name with a line break in it must not end the comment, nor one that is called so begin a section of the file. */
function comment(text: string, mark: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = `${mark} ${indent}`;
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length > WIDTH && line.trim() !== mark && !/^migrate/i.test(word)) {
      lines.push(line.trimEnd());
      line = `${mark} ${indent}${indent}`;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
