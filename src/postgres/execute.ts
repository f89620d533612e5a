import type { Deadline } from '../core/deadline.js';
import { type PlanCache, planKey } from '../core/plan-cache.js';
import { DuplicateKeyError } from '../errors/data.js';
import type { Command, EnsureSchemaCommand, FindCommand, GroupCommand, UpsertResult } from '../query/command.js';
import { sumOverflow } from '../query/group-result.js';
import { compileGroup, groupPage } from './compile-group.js';
import { compileUpdateEach, compileUpsertMany } from './compile-many.js';
import { compileNear } from './compile-near.js';
import { compileCount, compileDistinct, compileExists, compileFind, pageShape } from './compile-read.js';
import { compileSearch, searchForm } from './compile-search.js';
import { compileDelete, compileInsert, compileUpdate, compileUpsert, INSERTED } from './compile-write.js';
import type { Result, Statement } from './exchange.js';
import type { Table } from './fields.js';
import { insertRows } from './insert.js';
import type { Plan } from './plans.js';
import type { Row } from './rows.js';
import type { Session } from './session.js';
import { updateEach, upsertMany } from './write-many.js';

/** A command that is compiled and bound: all that is left is to run it. */
export type CommandRun<T> = (session: Session, deadline: Deadline) => Promise<T>;

type Runnable = Exclude<Command, EnsureSchemaCommand>;

/** What a command is compiled with. */
export interface CommandContext {
  readonly table: Table;
  readonly plans: PlanCache;
  /** Whether statements stay prepared. */
  readonly prepare: boolean;
}

/** Compiles (or finds the plan of) a command and binds its values, before a connection is taken. */
export function commandRun(command: Runnable, context: CommandContext): CommandRun<unknown> {
  const { table, plans, prepare } = context;
  const key = planKey(command);
  switch (command.kind) {
    case 'find':
      return rowsOf(findStatement(command, context));
    case 'count':
      return first(statementOf(command, context, key, compileCount), readCount);
    case 'exists':
      return first(statementOf(command, context, key, compileExists), readFound);
    case 'distinct':
      return valuesOf(statementOf(command, context, key, compileDistinct));
    case 'group':
      return groupsOf(statementOf(command, context, `${key}:${groupPage(command)}`, compileGroup), command);
    case 'search':
      return rowsOf(statementOf(command, context, `${key}:${searchForm(command)}`, compileSearch));
    case 'near':
      return rowsOf(statementOf(command, context, key, compileNear));
    case 'insert': {
      if (command.rows.length === 0) return async () => [];
      const form = command.rows.length === 1 ? 'one' : 'many';
      const plan = plans.get(`${key}:${form}`, () => compileInsert(command, table));
      return (session, deadline) => insertRows(session, command, plan, prepare ? plan.name : null, deadline);
    }
    case 'update':
      return changed(statementOf(command, context, key, compileUpdate), command.many);
    case 'delete':
      return changed(statementOf(command, context, key, compileDelete), command.many);
    case 'updateEach': {
      const plan = plans.get(key, () => compileUpdateEach(command, table));
      return (session, deadline) => updateEach(session, command, plan, prepare ? plan.name : null, deadline);
    }
    case 'upsertMany': {
      const plan = plans.get(key, () => compileUpsertMany(command, table));
      return (session, deadline) => upsertMany(session, command, plan, prepare ? plan.name : null, deadline);
    }
    case 'upsert': {
      const none = () => {
        throw new DuplicateKeyError(command.entity.name, { fields: command.on.map((field) => field.path) });
      };
      return first(statementOf(command, context, key, compileUpsert), upserted, none);
    }
  }
}

/** The statement of a find, for running or streaming it. */
export function findStatement(command: FindCommand, context: CommandContext): Statement {
  return statementOf(command, context, `${planKey(command)}:${pageShape(command)}`, compileFind);
}

/** The statement of a command's plan with its values. */
function statementOf<C>(
  command: C,
  { table, plans, prepare }: CommandContext,
  key: string,
  compile: (command: C, table: Table) => Plan<C>,
): Statement {
  const plan = plans.get(key, () => compile(command, table));
  return { text: plan.text, name: prepare ? plan.name : null, values: plan.bind(command), columns: plan.columns };
}

function rowsOf(statement: Statement): CommandRun<unknown> {
  return async (session, deadline) => (await session.run(statement, deadline)).rows;
}

function valuesOf(statement: Statement): CommandRun<unknown> {
  return async (session, deadline) => (await session.run(statement, deadline)).rows.map((row) => row['value']);
}

function groupsOf(statement: Statement, { entity }: GroupCommand): CommandRun<unknown> {
  return async (session, deadline) => {
    try {
      return (await session.run(statement, deadline)).rows;
    } catch (error) {
      // Reals whose sum no real holds; the other engines give infinity, which the caller refuses.
      throw (error as { readonly code?: unknown }).code === '22003' ? sumOverflow(entity.name, null) : error;
    }
  };
}

const readCount = (row: Row): unknown => row['count'];
const readFound = (row: Row): unknown => row['found'];

function first(statement: Statement, read: (row: Row) => unknown, none?: () => unknown): CommandRun<unknown> {
  return async (session, deadline) => {
    const row = (await session.run(statement, deadline)).rows[0];
    return row === undefined && none !== undefined ? none() : read(row!);
  };
}

function changed(statement: Statement, many: boolean): CommandRun<unknown> {
  const read = many ? (result: Result) => result.count : (result: Result) => result.rows[0] ?? null;
  return async (session, deadline) => read(await session.run(statement, deadline));
}

function upserted(row: Row): UpsertResult {
  const { [INSERTED]: inserted, ...stored } = row;
  return { row: stored, action: inserted === true ? 'inserted' : 'updated' };
}
