import type { Clause } from '../../../src/query/clause.js';
import type { Command } from '../../../src/query/command.js';
import { type Defect, defect, freshShape } from './planted.js';

/** Changes the alternatives of a keyset. */
function inKeyset(change: (alternatives: readonly Clause[]) => readonly Clause[]): (command: Command) => Command {
  const walk = (clause: Clause): Clause => {
    if (clause.op !== 'and' && clause.op !== 'or') return clause;
    if (clause.keyset !== undefined) return { op: 'or', clauses: change(clause.clauses) };
    return { op: clause.op, clauses: clause.clauses.map(walk) };
  };
  return (command) =>
    command.kind === 'find' ? { ...command, where: walk(command.where), shape: freshShape() } : command;
}

export const pageDefects: readonly Defect[] = [
  defect('pages by cursor lose the rows that share a value with the cursor', {
    command: inKeyset((alternatives) => alternatives.slice(0, -1)),
  }),
  defect('pages by cursor lose the nulls behind the values', {
    command: inKeyset((alternatives) => alternatives.filter((each) => each.op !== 'isNull')),
  }),
  defect('pages by cursor lose the values behind the nulls', {
    command: inKeyset((alternatives) => alternatives.filter((each) => each.op !== 'isNotNull')),
  }),
  defect('pages by cursor look at the first field and the key alone', {
    command: inKeyset((alternatives) => alternatives.filter((_, i) => i === 0 || i === alternatives.length - 1)),
  }),
  defect('a count that is capped counts one too few', {
    command: (command) =>
      command.kind === 'count' && command.limit !== undefined
        ? { ...command, limit: command.limit - 1, shape: freshShape() }
        : command,
  }),
];
