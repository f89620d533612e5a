import { type Issue, ValidationError } from '../errors/data.js';
import type { Command } from '../query/command.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';

/** Adds an issue for each field of a new row that must have a value by now: a `generated()` one that nothing filled in. */
export function presence(model: EntityModel, row: StoredRow, path: string, issues: Issue[]): void {
  for (const field of model.fields) {
    if (field.optional || row[field.name] !== null) continue;
    const at = path === '' ? field.path : `${path}.${field.path}`;
    issues.push({ path: at, message: 'must have a value: it is `generated()`, but nothing filled it in' });
  }
}

/** What is said of a field that `on` names and that has no value. */
export const LOOKED_UP = 'must be given a value: `on` looks the row up by it';

/** Adds an issue for each field that the row is looked up by and that has no value. */
function presenceOf(on: readonly FieldModel[], row: StoredRow, path: string, issues: Issue[]): void {
  for (const field of on)
    if ((row[field.name] ?? null) === null)
      issues.push({ path: path === '' ? field.path : `${path}.${field.path}`, message: LOOKED_UP });
}

/** Looks at the rows of a command that middleware handed on. @throws ValidationError */
export function checkPresence(command: Command): void {
  const issues: Issue[] = [];
  if (command.kind === 'insert' || command.kind === 'upsertMany') {
    const { entity, rows } = command;
    const on = command.kind === 'insert' ? [] : command.on;
    rows.forEach((row, i) => {
      const path = rows.length === 1 ? '' : `[${i}]`;
      const before = issues.length;
      presenceOf(on, row, path, issues);
      if (issues.length === before) presence(entity, row, path, issues);
    });
    if (issues.length > 0) throw new ValidationError(entity.name, issues);
  } else if (command.kind === 'upsert') {
    const { entity, on, row } = command;
    presenceOf(on, row, '', issues);
    if (issues.length === 0) presence(entity, row, '', issues);
    if (issues.length > 0) throw new ValidationError(entity.name, issues);
  }
}
