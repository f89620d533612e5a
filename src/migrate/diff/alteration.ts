import { capital } from '../../util/text.js';
import type { RenameQuestion, Risk, SchemaChange } from './types.js';

/** What was made or altered, and what was left alone, each with the reason. */
export class Alterations {
  readonly changed: string[] = [];
  readonly drift: string[];

  constructor(questions: readonly RenameQuestion[]) {
    this.drift = questions.map(
      ({ from, to }) => `${from} may be ${to.join(' or ')} under its earlier name: a migration can rename it.`,
    );
  }

  /** `why` it was left alone; null when it was carried out. */
  told<C>({ action, what }: SchemaChange<C>, why: string | null): void {
    if (why === null) this.changed.push(`${action} ${what}`);
    else this.drift.push(`${capital(what)} was left alone: ${why}`);
  }
}

/** What the warnings of these risks say; null where there are none. */
export function warned<C>({ warnings }: SchemaChange<C>, risks: readonly Risk[]): string | null {
  const found = warnings.filter(({ risk }) => risks.includes(risk));
  return found.length === 0 ? null : found.map(({ message }) => message).join(' ');
}

/** Where the server refuses a change that was thought to be possible. */
export function refusedByServer<C>(change: SchemaChange<C>): string {
  const may = warned(change, ['may-fail']);
  return may === null ? 'the server refused it.' : `the server refused it. ${may}`;
}
