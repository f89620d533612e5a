import type { Document } from '../../mongo/client.js';
import type { Names } from '../../mongo/names.js';
import type { RawCommands } from '../../mongo/raw.js';
import type { MongoCommand, Risk, SchemaChange, Warning } from '../diff/types.js';
import { toExtended } from './extended-json.js';
import type { LiveCollection } from './live.js';
import type { Renames } from './renames.js';

/** A collection of an entity, as it was found. */
export interface Subject {
  readonly raw: RawCommands;
  readonly names: Names;
  readonly renames: Renames;
  readonly live: LiveCollection;
  /** Whether what no entity has any more is taken away. */
  readonly drop: boolean;
  readonly findings: Findings;
}

/** A difference whose commands are values of BSON. */
export interface Finding {
  readonly action: SchemaChange['action'];
  readonly what: string;
  readonly up: readonly Document[];
  readonly down: readonly Document[];
  readonly warnings?: readonly Warning[];
}

/** What is found, in the order in which it can be carried out. */
export class Findings {
  readonly #found: Finding[] = [];
  readonly foreign: string[] = [];

  add(finding: Finding): void {
    this.#found.push(finding);
  }

  changes(): readonly SchemaChange<MongoCommand>[] {
    return this.#found.map(({ action, what, up, down, warnings = [] }) => ({
      action,
      what,
      up: up.map(plain),
      down: down.map(plain),
      // The server makes indexes in a transaction only where the collection is new or empty, and changes no options in one.
      transaction: false,
      warnings,
    }));
  }
}

function plain(command: Document): MongoCommand {
  return { command: toExtended(command) as MongoCommand['command'] };
}

export function warning(risk: Risk, message: string): Warning {
  return { risk, message };
}

/** `a`, `b` and `c`, in the form of code. */
export function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)!}`;
}
