import type { Deadline } from '../core/deadline.js';
import { type PlanCache, planKey } from '../core/plan-cache.js';
import { DuplicateKeyError } from '../errors/data.js';
import type { Command, EnsureSchemaCommand, FindCommand, UpsertResult } from '../query/command.js';
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

interface Context {
  readonly table: Table;
  readonly plans: PlanCache;
  readonly prepare: boolean;
}

function bound<C>(plan: Plan<C>, command: C, prepare: boolean): Statement {
  return { text: plan.text, name: prepare ? plan.name : null, values: plan.bind(command), columns: plan.columns };
}

/** Compiles (or finds the plan of) a command and binds its values, before a connection is taken. */
export function commandRun(command: Runnable, context: Context): CommandRun<unknown> {
  const { table, plans, prepare } = context;
  const key = planKey(command);
  switch (command.kind) {
    case 'find': {
      const statement = findStatement(command, context);
      return async (session, deadline) => (await session.run(statement, deadline)).rows;
    }
    case 'count':
      return first(
        bound(
          plans.get(key, () => compileCount(command, table)),
          command,
          prepare,
        ),
        (row) => row['count'],
      );
    case 'exists':
      return first(
        bound(
          plans.get(key, () => compileExists(command, table)),
          command,
          prepare,
        ),
        (row) => row['found'],
      );
    case 'distinct': {
      const statement = bound(
        plans.get(key, () => compileDistinct(command, table)),
        command,
        prepare,
      );
      return async (session, deadline) => (await session.run(statement, deadline)).rows.map((row) => row['value']);
    }
    case 'group': {
      const statement = bound(
        plans.get(`${key}:${groupPage(command)}`, () => compileGroup(command, table)),
        command,
        prepare,
      );
      return async (session, deadline) => {
        try {
          return (await session.run(statement, deadline)).rows;
        } catch (error) {
          // Reals whose sum no real holds; the other engines give infinity, which the caller refuses.
          throw (error as { readonly code?: unknown }).code === '22003'
            ? sumOverflow(command.entity.name, null)
            : error;
        }
      };
    }
    case 'search': {
      const statement = bound(
        plans.get(`${key}:${searchForm(command)}`, () => compileSearch(command, table)),
        command,
        prepare,
      );
      return async (session, deadline) => (await session.run(statement, deadline)).rows;
    }
    case 'near': {
      const statement = bound(
        plans.get(key, () => compileNear(command, table)),
        command,
        prepare,
      );
      return async (session, deadline) => (await session.run(statement, deadline)).rows;
    }
    case 'insert': {
      if (command.rows.length === 0) return async () => [];
      const form = command.rows.length === 1 ? 'one' : 'many';
      const plan = plans.get(`${key}:${form}`, () => compileInsert(command, table));
      return (session, deadline) => insertRows(session, command, plan, prepare ? plan.name : null, deadline);
    }
    case 'update':
    case 'delete': {
      const plan =
        command.kind === 'update'
          ? bound(
              plans.get(key, () => compileUpdate(command, table)),
              command,
              prepare,
            )
          : bound(
              plans.get(key, () => compileDelete(command, table)),
              command,
              prepare,
            );
      return changed(plan, command.many);
    }
    case 'updateEach': {
      const plan = plans.get(key, () => compileUpdateEach(command, table));
      return (session, deadline) => updateEach(session, command, plan, prepare ? plan.name : null, deadline);
    }
    case 'upsertMany': {
      const plan = plans.get(key, () => compileUpsertMany(command, table));
      return (session, deadline) => upsertMany(session, command, plan, prepare ? plan.name : null, deadline);
    }
    case 'upsert': {
      const statement = bound(
        plans.get(key, () => compileUpsert(command, table)),
        command,
        prepare,
      );
      return first(
        statement,
        (row) => upserted(row),
        () => {
          throw new DuplicateKeyError(command.entity.name, { fields: command.on.map((field) => field.path) });
        },
      );
    }
  }
}

/** The statement of a find, for running or streaming it. */
export function findStatement(command: FindCommand, { table, plans, prepare }: Context): Statement {
  const key = `${planKey(command)}:${pageShape(command)}`;
  return bound(
    plans.get(key, () => compileFind(command, table)),
    command,
    prepare,
  );
}

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
