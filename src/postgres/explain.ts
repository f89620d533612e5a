import type { Deadline } from '../core/deadline.js';
import type { RunOptions } from '../core/ports.js';
import type { FindCommand } from '../query/command.js';
import type { Calls } from './calls.js';
import { plain, type Statement } from './exchange.js';
import type { Table } from './fields.js';
import type { Session } from './session.js';

/** A step of a plan, as `explain (format json)` tells it: there are more members than are named here. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Plan Rows': number;
  readonly 'Total Cost': number;
  /** With `analyze`: rows of each loop. */
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  /** The steps that it takes its rows from. */
  readonly Plans?: readonly PlanNode[];
  readonly [member: string]: unknown;
}

/** How the server reads what a call of `find` asks for. */
export interface Explained {
  /** The statement that `find` sends, its values as `$1`, `$2`. */
  readonly sql: string;
  /** The outermost step. */
  readonly plan: PlanNode;
  /** The steps for people, a line each, indented. */
  readonly text: string;
  /** With `analyze`, in milliseconds; else null. */
  readonly executionTime: number | null;
}

interface Told {
  readonly Plan: PlanNode;
  readonly 'Execution Time'?: number;
}

const CONDITIONS = ['Index Cond', 'Recheck Cond', 'Filter', 'Sort Key'];

/** The plan of a statement. With `analyze` it is run: outside a transaction in one of its own, which is read-only and undone. */
export async function explain(
  calls: Calls,
  command: FindCommand,
  statement: Statement,
  table: Table,
  analyze: boolean,
  inTransaction: boolean,
  { timeoutMs, signal }: RunOptions,
): Promise<Explained> {
  const settings = `format json, verbose false${analyze ? ', analyze, buffers' : ''}`;
  const asked = plain(`explain (${settings}) ${statement.text}`, statement.values);
  const ask = async (session: Session, deadline: Deadline): Promise<Explained> => {
    const { rows } = await session.run(asked, deadline);
    const [told] = rows[0]!['QUERY PLAN'] as readonly [Told];
    const { Plan: plan, 'Execution Time': executionTime = null } = told;
    return { sql: statement.text, plan, text: lines(plan, '').join('\n'), executionTime };
  };
  if (!analyze || inTransaction) return calls.run(timeoutMs, signal, table, ask, command);
  return calls.alone(timeoutMs, signal, table, async (session, deadline) => {
    await session.run(plain('begin read only'), deadline);
    try {
      return await ask(session, deadline);
    } finally {
      await session.run(plain('rollback'), deadline).catch(() => session.destroy(false));
    }
  });
}

function lines(node: PlanNode, indent: string): string[] {
  const { 'Relation Name': relation, 'Index Name': index, 'Actual Rows': actual, 'Actual Loops': loops } = node;
  const what = `${node['Node Type']}${index === undefined ? '' : ` using ${index}`}${relation === undefined ? '' : ` on ${relation}`}`;
  const found = actual === undefined ? '' : `, ${actual} found${loops === 1 ? '' : ` in each of ${loops} loops`}`;
  const conditions = CONDITIONS.filter((name) => node[name] !== undefined).map(
    (name) => `${indent}  ${name}: ${String(node[name])}`,
  );
  return [
    `${indent}${what} (cost ${node['Total Cost']}, ${node['Plan Rows']} rows expected${found})`,
    ...conditions,
    ...(node.Plans ?? []).flatMap((each) => lines(each, `${indent}  `)),
  ];
}
