import type { FoundColumn } from '../../postgres/catalog.js';
import { quote } from '../../postgres/fields.js';
import type { Warning } from '../diff/types.js';
import { warning } from './diff-changes.js';

const UTC = "at time zone 'UTC'";

/** How values become those of the other type, where the server's own way depends on the session or does not exist. Null: leave it to the server. */
function conversion(column: string, from: string, to: string): string | null {
  const a = family(from);
  const b = family(to);
  if (a === 'timestamptz' && b === 'timestamp') return `${column} ${UTC}`;
  if (a === 'timestamp' && b === 'timestamptz') return `${column} ${UTC}`;
  if (a === 'timestamptz' && b === 'date') return `(${column} ${UTC})::date`;
  if (a === 'date' && b === 'timestamptz') return `${column}::timestamp ${UTC}`;
  // As the library gives decimals: without zeros that only the scale of the column adds.
  if (a === 'numeric' && b === 'text') return `trim_scale(${column})::text`;
  if (b === 'jsonb' && a !== 'text' && a !== 'json') return `to_jsonb(${column})`;
  if (to.endsWith('[]') && !from.endsWith('[]') && a !== 'jsonb') return `array[${column}]::${to}`;
  return null;
}

/** Ways to convert, the best first; null: without `using`. */
export function conversions(name: string, from: string, to: string): readonly (string | null)[] {
  const column = quote(name);
  const special = conversion(column, from, to);
  const casts = [null, `${column}::${to}`, `${column}::text::${to}`];
  return special === null ? casts : [special, ...casts.slice(1)];
}

/** The name of a type without its bounds, where several have one meaning. */
function family(type: string): string {
  if (/^timestamp(\(\d\))? with time zone$/.test(type)) return 'timestamptz';
  if (/^timestamp(\(\d\))? without time zone$/.test(type)) return 'timestamp';
  if (/^character varying(\(\d+\))?$|^text$/.test(type)) return 'text';
  if (/^numeric(\(|$)/.test(type) && !type.endsWith('[]')) return 'numeric';
  return type;
}

const INTEGERS: readonly string[] = ['smallint', 'integer', 'bigint'];

export function isIntegerType(type: string): boolean {
  return INTEGERS.includes(type);
}

function numericOf(type: string): { readonly precision: number; readonly scale: number } | null {
  const bounds = /^numeric\((\d+),(-?\d+)\)$/.exec(type);
  return bounds === null ? null : { precision: Number(bounds[1]), scale: Number(bounds[2]) };
}

/** Whether every value has its equal in the other type, and a program that reads and writes the one can go on with the other. */
function widens(from: string, to: string): boolean {
  const [a, b] = [family(from), family(to)];
  if (INTEGERS.includes(from) && INTEGERS.includes(to)) return INTEGERS.indexOf(from) <= INTEGERS.indexOf(to);
  if (a === 'numeric' && b === 'numeric') return fits(from, to);
  if (a === 'text' && b === 'text') {
    const [short, long] = [lengthOf(from), lengthOf(to)];
    return long === null || (short !== null && short <= long);
  }
  if (a === 'timestamptz' && b === 'timestamptz') return digitsOf(from) <= digitsOf(to);
  return from === 'real' && to === 'double precision';
}

function fits(from: string, to: string): boolean {
  const [a, b] = [numericOf(from), numericOf(to)];
  if (b === null) return true;
  return a !== null && a.scale <= b.scale && a.precision - a.scale <= b.precision - b.scale;
}

function lengthOf(type: string): number | null {
  const bounds = /\((\d+)\)$/.exec(type);
  return bounds === null ? null : Number(bounds[1]);
}

function digitsOf(type: string): number {
  return Number(/\((\d)\)/.exec(type)?.[1] ?? 6);
}

/** Whether values may come out as less than they were, without a word of the server. */
function rounds(from: string, to: string): boolean {
  const [a, b] = [family(from), family(to)];
  if (a === 'timestamptz' && b === 'timestamptz') return digitsOf(from) > digitsOf(to);
  if (a === 'timestamptz' || a === 'timestamp') return b === 'date';
  const real = from === 'real' || from === 'double precision';
  if (a === 'numeric' && b === 'numeric') {
    const [x, y] = [numericOf(from), numericOf(to)];
    return y !== null && (x === null || x.scale > y.scale);
  }
  if (real || a === 'numeric')
    return INTEGERS.includes(to) || (real ? b === 'numeric' : to.includes('double') || to === 'real');
  return (from === 'bigint' && (to === 'double precision' || to === 'real')) || (b === 'text' && lengthOf(to) !== null);
}

/** Whether the server may meet a value that has no equal. */
function mayFail(from: string, to: string): boolean {
  if (widens(from, to)) return false;
  const [a, b] = [family(from), family(to)];
  if (b === 'text') return false;
  if (b === 'jsonb') return a === 'text';
  if (a === 'timestamptz' || a === 'timestamp')
    return b !== a && b !== 'date' && b !== 'timestamp' && b !== 'timestamptz';
  return !(a === 'date' && b === 'timestamptz') && !(INTEGERS.includes(from) && to === 'double precision');
}

/** What a change of a type does; what the server writes anew was seen on an empty copy. */
export function typeWarnings(
  where: string,
  from: FoundColumn,
  to: FoundColumn,
  rewrites: 'rows' | 'indexes' | 'nothing',
): Warning[] {
  const warnings: Warning[] = [];
  if (rewrites === 'rows') {
    warnings.push(
      warning(
        'blocks',
        `Every row is written anew, and reads and writes of the table wait for it. Where the table is large: add a column of the new type, write both, fill it in batches, then rename (${where}).`,
      ),
    );
  } else if (rewrites === 'indexes') {
    warnings.push(
      warning('blocks', `The indexes on ${where} are built anew, and reads and writes of the table wait for it.`),
    );
  }
  if (from.type === to.type) return warnings;
  if (rounds(from.type, to.type))
    warnings.push(
      warning('destroys', `Values of ${where} are rounded or cut: \`${from.type}\` holds more than \`${to.type}\`.`),
    );
  if (mayFail(from.type, to.type))
    warnings.push(
      warning('may-fail', `It fails where a value of ${where} is none of \`${to.type}\`: look for them before.`),
    );
  if (!widens(from.type, to.type) && !sameForPrograms(from.type, to.type))
    warnings.push(
      warning(
        'breaks-readers',
        `Programs that run now know ${where} as \`${from.type}\`: stop them, or let them know both.`,
      ),
    );
  return warnings;
}

function sameForPrograms(from: string, to: string): boolean {
  return family(from) === family(to);
}
