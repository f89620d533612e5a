import type { Database } from '../../core/ports.js';
import { type ContractRunner, runContract } from '../contract.js';
import { bucketing } from './bucketing.js';
import { bulkWriting } from './bulk-writing.js';
import { calls } from './calls.js';
import { cursorPages } from './cursor-pages.js';
import { cursors } from './cursors.js';
import { deleting } from './deleting.js';
import { fencing } from './fencing.js';
import { fencingMany } from './fencing-many.js';
import { filters } from './filters.js';
import { gettingOrInserting } from './getting-or-inserting.js';
import { grouping } from './grouping.js';
import { groupRefusals } from './grouping-refused.js';
import { hooking } from './hooking.js';
import { afterWriting } from './hooking-after.js';
import { hookingMany } from './hooking-many.js';
import { inserting } from './inserting.js';
import type { ContractCase } from './kit.js';
import { largeWrites } from './large-writes.js';
import { lists } from './lists.js';
import { near } from './near.js';
import { nulls } from './nulls.js';
import { numberedPages } from './numbered-pages.js';
import { operators } from './operators.js';
import { ordering } from './ordering.js';
import { paging } from './paging.js';
import { passing } from './passing.js';
import { reading } from './reading.js';
import { refusals } from './refusals.js';
import { relatedReads } from './related-reads.js';
import { relationRefusals } from './relation-refusals.js';
import { relations } from './relations.js';
import { restoring } from './restoring.js';
import { schema } from './schema.js';
import { scoping } from './scoping.js';
import { searching } from './searching.js';
import { searchRefusals } from './searching-refused.js';
import { streaming } from './streaming.js';
import { text } from './text.js';
import { transactionEnds } from './transaction-ends.js';
import { transactions } from './transactions.js';
import { uniqueness } from './uniqueness.js';
import { updating } from './updating.js';
import { upserting } from './upserting.js';
import { values } from './values.js';
import { writingMany } from './writing-many.js';

/** What `repositoryContract` needs. */
export interface RepositoryContractOptions extends ContractRunner {
  /** Opens the engine on an empty database. Called once, by the first test. */
  readonly open: () => Promise<{ readonly database: Database; close(): Promise<void> }>;
}

const CASES: readonly ContractCase[] = [
  ...schema,
  ...reading,
  ...filters,
  ...text,
  ...lists,
  ...nulls,
  ...ordering,
  ...paging,
  ...grouping,
  ...bucketing,
  ...groupRefusals,
  ...searching,
  ...searchRefusals,
  ...near,
  ...numberedPages,
  ...cursorPages,
  ...cursors,
  ...inserting,
  ...updating,
  ...fencing,
  ...fencingMany,
  ...operators,
  ...upserting,
  ...writingMany,
  ...bulkWriting,
  ...gettingOrInserting,
  ...deleting,
  ...restoring,
  ...uniqueness,
  ...refusals,
  ...values,
  ...streaming,
  ...calls,
  ...relations,
  ...relatedReads,
  ...relationRefusals,
  ...passing,
  ...scoping,
  ...hooking,
  ...hookingMany,
  ...afterWriting,
  ...transactions,
  ...transactionEnds,
  ...largeWrites,
];

/**
 * Every rule of the repository contract, to be run by hand. They run one after another on one database, whose tables
 * named `contract_…` they make and clear.
 */
export function contractCases(): readonly ContractCase[] {
  return CASES;
}

/**
 * The rules that every engine keeps, a test each: when they pass, repositories mean the same on this engine as on
 * PostgreSQL and MongoDB. It needs no particular test runner.
 *
 * @throws RangeError when `except` names something that is no rule.
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { MemoryDatabase } from 'trivet';
 * import { repositoryContract } from 'trivet/testing';
 *
 * repositoryContract({ test, open: async () => ({ database: new MemoryDatabase(), close: async () => {} }) });
 * ```
 */
export function repositoryContract({ open, ...runner }: RepositoryContractOptions): void {
  const opened = async () => {
    const { database, close } = await open();
    return { subject: database, close };
  };
  runContract(CASES, runner, opened, 'engine');
}
