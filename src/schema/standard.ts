import type { Issue } from '../errors/data.js';

/** The part of Standard Schema (version 1) that the library reads and offers: https://standardschema.dev */
export interface StandardSchema<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Out> | Promise<StandardResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}

/** What a Standard Schema says about a value: the output, or what is wrong. */
export type StandardResult<Out> = StandardSuccess<Out> | StandardFailure;

/** The value fits: what the schema made of it. */
export interface StandardSuccess<Out> {
  readonly value: Out;
  readonly issues?: undefined;
}

/** The value does not fit. */
export interface StandardFailure {
  readonly issues: readonly StandardIssue[];
}

/** One thing that is wrong with a value. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Whether a value is a Standard Schema, of whatever library. */
export function isStandardSchema(value: unknown): value is StandardSchema<unknown, unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  const standard = (value as Partial<StandardSchema>)['~standard'];
  return typeof standard === 'object' && standard !== null && typeof standard.validate === 'function';
}

/** Whether a value is a promise, or like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}

/** Runs a schema. Its issues are added under `message`, if there is one, else under their own; the output is undefined then. */
export function runSchema(
  schema: StandardSchema<unknown, unknown>,
  value: unknown,
  issues: Issue[],
  message: string | undefined,
): unknown {
  const result = schema['~standard'].validate(value);
  if (isThenable(result)) {
    // Its failure would be nobody's otherwise.
    result.then(undefined, () => {});
    issues.push({ path: '', message: 'must be checked by a synchronous schema: this one gave a promise' });
    return undefined;
  }
  if (result.issues === undefined) return result.value;
  if (message !== undefined) issues.push({ path: '', message });
  else for (const issue of result.issues) issues.push({ path: pathOf(issue), message: issue.message });
  return undefined;
}

function pathOf(issue: StandardIssue): string {
  let path = '';
  for (const segment of issue.path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment;
    if (typeof key === 'number') path += `[${key}]`;
    else path += path === '' ? String(key) : `.${String(key)}`;
  }
  return path;
}

/** The segments of an issue's path, as Standard Schema wants them: `tags[2].name` is `['tags', 2, 'name']`. */
export function segmentsOf(path: string): (string | number)[] {
  if (path === '') return [];
  const segments: (string | number)[] = [];
  for (const part of path.split('.')) {
    const [name = '', ...rest] = part.split('[');
    if (name !== '') segments.push(name);
    for (const item of rest) segments.push(Number(item.slice(0, -1)));
  }
  return segments;
}
