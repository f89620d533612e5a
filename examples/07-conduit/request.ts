import type { Request } from 'express';
import { ValidationError } from 'trivet';
import { BLANK } from './entities.js';
import type { Page } from './reading.js';

/**
 * The fields that may be given, of the object that the body holds under a name; what else is in it goes nowhere. Null is blank, and so is what is
 * required and missing. The values are the client's: a repository checks each of them.
 * @throws ValidationError when there is nothing
 */
export function fieldsOf<T>({ body }: Request, name: string, required: string[], optional: string[] = []): T {
  const given = new Map<string, unknown>(Object.entries(body?.[name] ?? {}));
  const names = [...required, ...optional.filter((field) => given.has(field))];
  if (names.length === 0) throw blank([name]);
  return Object.fromEntries(names.map((field) => [field, given.get(field) ?? ''])) as T;
}

export function blank(fields: string[]): ValidationError {
  const issues = fields.map((path) => ({ path, message: BLANK }));
  return new ValidationError('request', issues);
}

/** @throws ValidationError */
export function pageOf({ query }: Request): Page {
  return {
    limit: Math.min(100, numberOf('limit', query['limit'] ?? 20, 1)),
    offset: numberOf('offset', query['offset'] ?? 0, 0),
  };
}

function numberOf(path: string, value: unknown, least: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new ValidationError('request', [{ path, message: `must be an integer from ${least}` }]);
}
