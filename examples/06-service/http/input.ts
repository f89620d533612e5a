import type { Request } from 'express';
import { type Issue, ValidationError } from 'trivet';
import type { TimeFrame } from '../services/analytics.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields of a body that a route names; all others go nowhere. `T` is what they are once they are checked, and who checks them is the entity that
 * they go to: until then a field may hold anything that JSON has.
 */
export function bodyOf<T extends object>(request: Request, names: readonly (keyof T & string)[]): T {
  return fieldsOf<T>(request.body, names, 'must be an object, sent as application/json');
}

/** The same of a body that changes something: it names at least one of the fields. */
export function changeOf<T extends object>(request: Request, names: readonly (keyof T & string)[]): T {
  const change = bodyOf<T>(request, names);
  if (Object.keys(change).length === 0)
    throw invalid([{ path: '', message: `must have one of these: ${names.join(', ')}` }]);
  return change;
}

/** The same of an object in a body. */
export function partOf<T extends object>(value: unknown, path: string, names: readonly (keyof T & string)[]): T {
  return fieldsOf<T>(value, names, 'must be an object', path);
}

function fieldsOf<T>(value: unknown, names: readonly string[], message: string, path = ''): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid([{ path, message }]);
  const picked = names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, (value as Fields)[name]]);
  return Object.fromEntries(picked) as T;
}

/** Fields that must be texts, where no entity checks them. @throws ValidationError that names all that are not */
export function textsOf<T extends string>(request: Request, names: readonly T[]): Record<T, string> {
  const body = bodyOf<Record<T, string>>(request, names);
  const wrong = names.filter((name) => typeof body[name] !== 'string');
  if (wrong.length > 0) throw invalid(wrong.map((path) => ({ path, message: 'must be a text' })));
  return body;
}

/** A list of texts that may be left out. */
export function checkTexts(value: unknown, path: string, most: number): void {
  const isList = Array.isArray(value) && value.length <= most && value.every((each) => typeof each === 'string');
  if (value !== undefined && !isList) throw invalid([{ path, message: `must be a list of at most ${most} texts` }]);
}

/** One parameter of the query string. @throws ValidationError where it is there twice */
export function parameter({ query }: Pick<Request, 'query'>, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value === '' ? undefined : value;
  throw invalid([{ path: name, message: 'must be given once' }]);
}

export function integerParameter(
  request: Request,
  name: string,
  { usual, most, least = 1 }: { readonly usual: number; readonly most: number; readonly least?: number },
): number {
  const text = parameter(request, name);
  if (text === undefined) return usual;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw invalid([{ path: name, message: `must be an integer from ${least} to ${most}` }]);
}

/** `page` and `limit`. */
export function pageParameters(request: Request, usual: number): { readonly page: number; readonly limit: number } {
  return {
    page: integerParameter(request, 'page', { usual: 1, most: 1_000_000 }),
    limit: integerParameter(request, 'limit', { usual, most: 50 }),
  };
}

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A day, which is its first moment in UTC, or a moment, as ISO 8601 has them. */
export function timeParameter(request: Request, name: string): Date | undefined {
  const text = parameter(request, name);
  if (text === undefined) return undefined;
  const time = new Date(TIME.test(text) ? text : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw invalid([
    { path: name, message: 'must be a day or a time of ISO 8601, such as 2026-03-01 or 2026-03-01T12:00:00Z' },
  ]);
}

const DAY = 86_400_000;

/** `from` and `to`; what is not said ends with the day of now, and takes so many days. Whole days are the same question all day long. */
export function frameOf(request: Request, now: Date, days: number): TimeFrame {
  const to = timeParameter(request, 'to') ?? new Date(Math.floor(now.getTime() / DAY) * DAY + DAY);
  const from = timeParameter(request, 'from') ?? new Date(to.getTime() - days * DAY);
  if (from < to) return { from, to };
  throw invalid([{ path: 'from', message: 'must be before `to`' }]);
}

function invalid(issues: readonly Issue[]): ValidationError {
  return new ValidationError('request', issues);
}
