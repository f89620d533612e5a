import type { SearchCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import type { Call } from './call.js';
import { compileSearch, searchCommand } from './compile-search.js';
import { rowsOf } from './reads.js';
import type { Target } from './target.js';

/** The rows that hold the terms, the best first. */
export function search(target: Target, command: SearchCommand, call: Call): Promise<StoredRow[]> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileSearch(command, names, opened.bson));
  return rowsOf(target, plan, (batch) => searchCommand(plan, names.collection, command, batch), true, call);
}
