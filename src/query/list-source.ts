import type { Issue } from '../errors/data.js';
import { typeName } from '../util/describe.js';

/** A query as it arrives: a query string, `URLSearchParams`, or the object that a web framework made of it. */
export type ListSource = string | URLSearchParams | { readonly [parameter: string]: unknown };

/** One parameter, `name` or `name[operator]`. */
export interface Parameter {
  /** As the query wrote it: issues name it so. */
  readonly label: string;
  readonly name: string;
  /** What stands in brackets, null without them. */
  readonly operator: string | null;
  readonly texts: string[];
  /** Written as `name[operator][]`, or given as a list: its texts are taken as they are. */
  isList: boolean;
}

/** Longest query in characters. */
const MAX_QUERY = 65_536;
const MAX_PARAMETERS = 100;
/** Longest name that a message repeats. */
const MAX_LABEL = 100;

const TOO_LARGE = `must have at most ${MAX_PARAMETERS} parameters and ${MAX_QUERY} characters`;

const NAME = /^([^[\]]+)(?:\[([^[\]]+)\])?(\[\d*\])?$/;

/** The parameters of a query, each name once. What cannot be one goes to `issues`. */
export function readParameters(source: unknown, issues: Issue[]): readonly Parameter[] {
  const parameters = new Map<string, Parameter>();
  let size = 0;
  let count = 0;
  for (const [written, value] of entriesOf(source, issues)) {
    if (value === undefined) continue;
    count += 1;
    for (const text of Array.isArray(value) ? value : [value]) {
      size += written.length + (typeof text === 'string' ? text.length : 1);
      if (count > MAX_PARAMETERS || size > MAX_QUERY) {
        issues.push({ path: '', message: TOO_LARGE });
        return [];
      }
      add(parameters, written, text, Array.isArray(value), issues);
    }
  }
  return [...parameters.values()];
}

function add(
  parameters: Map<string, Parameter>,
  written: string,
  text: unknown,
  listed: boolean,
  issues: Issue[],
): void {
  const match = written.length > MAX_LABEL ? null : NAME.exec(written);
  if (match === null || typeof text !== 'string') {
    const message =
      match === null ? 'is no parameter: write `name` or `name[operator]`' : `must be text, got ${typeName(text)}`;
    issues.push({ path: written.slice(0, MAX_LABEL), message });
    return;
  }
  const [, name = '', operator = null, brackets] = match;
  const label = operator === null ? name : `${name}[${operator}]`;
  const known = parameters.get(label);
  const isList = listed || brackets !== undefined;
  if (known === undefined) parameters.set(label, { label, name, operator, texts: [text], isList });
  else {
    known.texts.push(text);
    known.isList ||= isList;
  }
}

function* entriesOf(source: unknown, issues: Issue[]): Generator<readonly [string, unknown]> {
  if (typeof source === 'string') {
    // Parsing a text of any length would be the attack that the bound is there for.
    if (source.length <= MAX_QUERY) yield* new URLSearchParams(source);
    else issues.push({ path: '', message: TOO_LARGE });
  } else if (source instanceof URLSearchParams) yield* source;
  else if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    issues.push({ path: '', message: `must be a query string, URLSearchParams or an object, got ${typeName(source)}` });
  } else {
    // Objects of parsers have prototypes of their own: only what they own counts.
    for (const [name, value] of Object.entries(source)) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) yield [name, value];
      else for (const [operator, inner] of Object.entries(value)) yield [`${name}[${operator}]`, inner];
    }
  }
}
