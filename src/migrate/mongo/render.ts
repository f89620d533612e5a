import type { MongoCommand, SchemaChange, SchemaDiff } from '../diff/types.js';

const WIDTH = 100;

/** The text of a migration file, with its warnings and questions as comments. It has no `down` where one of the changes has no way back. */
export function renderMongo(diff: SchemaDiff<MongoCommand>, language: 'ts' | 'js'): string {
  const { changes, questions } = diff;
  const types = language === 'ts';
  const runs = changes.some(({ up, down }) => up.length > 0 || (down ?? []).length > 0);
  const names = [...(types ? ['type MigrationContext'] : []), ...(runs ? ['runCommands'] : [])];
  const imports = [
    ...(types ? ["import type { MongoDatabase } from 'trivet';"] : []),
    ...(names.length > 0 ? [`import { ${names.join(', ')} } from 'trivet/migrate';`] : []),
  ];
  const asked = questions.map(
    ({ from, to }) => `Is ${from} now ${to.join(' or ')}? It is taken for another: give \`renames\` if it is the same.`,
  );
  const way = (name: 'up' | 'down', of: readonly SchemaChange<MongoCommand>[]): string => functionOf(name, of, types);
  const lost = changes.filter(({ down }) => down === null).map(({ what }) => what);
  const back =
    lost.length > 0
      ? comment(`There is no way back: ${lost.join(', ')}.`, '').join('\n')
      : way('down', [...changes].reverse());
  return `${[imports.join('\n'), ...asked.map((each) => comment(each, '').join('\n')), way('up', changes), back].filter((part) => part !== '').join('\n\n')}\n`;
}

function functionOf(name: 'up' | 'down', changes: readonly SchemaChange<MongoCommand>[], types: boolean): string {
  const context = types ? '{ db, signal }: MigrationContext<MongoDatabase>' : '{ db, signal }';
  const lines = changes.flatMap((change) => {
    const commands = change[name] ?? [];
    if (commands.length === 0) return [];
    const warnings =
      name === 'up' ? change.warnings.flatMap(({ risk, message }) => comment(`${risk}: ${message}`, '  ')) : [];
    const list = literal(
      commands.map(({ command }) => command),
      '  ',
      WIDTH - 'await runCommands(db, , { signal });'.length,
    );
    return [...comment(sentence(change), '  '), ...warnings, `  await runCommands(db, ${list}, { signal });`];
  });
  const used = lines.length > 0 ? `(${context})` : '()';
  return `export async function ${name}${used}${types ? ': Promise<void>' : ''} {${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}}`;
}

function sentence({ action, what }: SchemaChange<MongoCommand>): string {
  return `${action} ${what}`;
}

/** Whatever the text holds, it does not get out of its comment. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u)) {
    if (line !== '' && indent.length + 3 + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => `${indent}// ${each}`);
}

/** Plain data as it is written in a program, on one line where it fits. */
function literal(value: unknown, indent: string, room: number): string {
  const short = onLine(value);
  if (short.length <= room - indent.length || typeof value !== 'object' || value === null) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((each) => `${inner}${literal(each, inner, WIDTH)},\n`).join('')}${indent}]`;
  }
  const entries = Object.entries(value).map(([name, each]) => {
    const key = `${keyOf(name)}: `;
    return `${inner}${key}${literal(each, inner, WIDTH - key.length)},\n`;
  });
  return entries.length === 0 ? '{}' : `{\n${entries.join('')}${indent}}`;
}

function onLine(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(onLine).join(', ')}]`;
  const entries = Object.entries(value).map(([name, each]) => `${keyOf(name)}: ${onLine(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function keyOf(name: string): string {
  // Written plainly it would set the prototype.
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(/[\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`)}'`;
}
