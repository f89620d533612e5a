import { createHash } from 'node:crypto';
import type { FieldModel } from '../schema/model.js';
import type { Encoded, Encoder } from './values.js';

/** One column of a result: the name it gets in the row, and the field that says how its text is read. Null: by its type on the server. */
export interface Column {
  readonly name: string;
  readonly field: FieldModel | null;
  /** A timestamp whose microseconds are wanted, too. */
  readonly exact?: boolean;
}

/** A statement compiled once per shape. Only `bind` looks at values. */
export interface Plan<C> {
  readonly text: string;
  /**
   * Name of the prepared statement: equal for equal texts that are read alike, so that databases which share a pool share statements.
   * A connection keeps the reader of a statement by this name.
   */
  readonly name: string;
  readonly columns: readonly Column[];
  bind(command: C): Encoded[];
}

/** Collects the parameters of a statement while it is compiled. */
export class Parameters<C> {
  readonly #sources: ((command: C) => Encoded)[] = [];

  /** Adds a parameter and gives its place, cast: `$3::int8`. */
  add(source: (command: C) => Encoded, cast: string): string {
    this.#sources.push(source);
    return `$${this.#sources.length}::${cast}`;
  }

  plan(text: string, columns: readonly Column[]): Plan<C> {
    const sources = this.#sources;
    const bind = (command: C): Encoded[] => {
      const values = new Array<Encoded>(sources.length);
      for (let i = 0; i < sources.length; i++) values[i] = sources[i]!(command);
      return values;
    };
    return { text, name: statementName(text, columns), columns, bind };
  }
}

/** A command with values that slots point into. */
export interface Valued {
  readonly values: readonly unknown[];
}

/** A parameter that reads a slot of the command's values. */
export function slot<C extends Valued>(
  parameters: Parameters<C>,
  index: number,
  encode: Encoder,
  cast: string,
): string {
  return parameters.add((command) => encode(command.values[index]), cast);
}

function statementName(text: string, columns: readonly Column[]): string {
  const reading = columns.map(({ name, field, exact }) => [
    name,
    field === null ? null : readingOf(field),
    ...(exact === true ? ['exact'] : []),
  ]);
  const hash = createHash('sha256').update(text).update(JSON.stringify(reading));
  return `trivet_${hash.digest('hex').slice(0, 24)}`;
}

/** All of a field that says how it is read. */
function readingOf({ name, kind, item, fields }: FieldModel): unknown {
  return [name, kind, item === null ? null : readingOf(item), fields?.map(readingOf)];
}
