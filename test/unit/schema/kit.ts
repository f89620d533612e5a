import { type AnyField, entity, type Issue, uuid, ValidationError } from 'trivet';
import type { EntityModel, FieldModel } from '../../../src/schema/model.js';
import { draftIssues, parseDraft, parserOf } from '../../../src/schema/parse.js';

/** The moment of every draft in these tests. */
export const NOW: number = Date.UTC(2026, 0, 31, 12);

/** The model of a definition that the compiler need not understand. */
export function modelOf(fields: object, options?: object, name = 'things'): EntityModel {
  return entity(name, fields as never, options as never)['~model'];
}

export function fieldOf(builder: AnyField): FieldModel {
  return modelOf({ id: uuid().primaryKey(), it: builder }).paths.get('it')!;
}

/** What a field makes of a value in a draft or patch: the canonical value, or its issues as `path: message`. */
export function input(builder: AnyField, value: unknown): unknown {
  return through(parserOf(fieldOf(builder)).input, value);
}

/** The same for an operand of a filter. */
export function operand(builder: AnyField, value: unknown): unknown {
  return through(parserOf(fieldOf(builder)).operand, value);
}

function through(parse: (value: unknown, path: string, issues: Issue[]) => unknown, value: unknown): unknown {
  const issues: Issue[] = [];
  const canonical = parse(value, 'it', issues);
  return issues.length === 0 ? canonical : issues.map(told);
}

/** The row of a draft, or its issues as `path: message`. */
export function row(model: EntityModel, draft: unknown): any {
  const issues: Issue[] = [];
  const parsed = draftIssues(model, draft, NOW, issues);
  return issues.length === 0 ? parsed.row : issues.map(told);
}

/** The issues that `parseDraft` throws. */
export function thrown(model: EntityModel, draft: unknown, path?: string): string[] {
  return issuesOf(() => parseDraft(model, draft, NOW, path));
}

/** What is wrong with a definition. */
export function problems(fields: object, options?: object, name?: string): string[] {
  return issuesOf(() => modelOf(fields, options, name));
}

function issuesOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ValidationError) return error.issues.map(told);
    throw error;
  }
  return [];
}

function told({ path, message }: Issue): string {
  return path === '' ? message : `${path}: ${message}`;
}
