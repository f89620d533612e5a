import type { FieldModel } from '../schema/model.js';
import { unknownName } from '../util/nearest.js';
import { and } from './and-or-not.js';
import * as conditions from './condition.js';
import type { CompiledRules } from './list-rules.js';
import type { Parameter } from './list-source.js';
import { checkText, readValue } from './list-value.js';
import { addIssue, type Parsing } from './parsing.js';

/** Most values of one `in`, `notIn`, `hasAny`, `hasAll`. */
const MAX_VALUES = 50;

/** Operators that take many values. */
const MANY: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
  in: conditions.anyOf,
  notIn: conditions.noneOf,
  hasAny: conditions.hasAny,
  hasAll: conditions.hasAll,
};

/** Operators that take one. */
const ONE: Readonly<Record<string, (value: never) => unknown>> = {
  eq: (value: unknown) => value,
  ne: conditions.ne,
  gt: conditions.gt,
  gte: conditions.gte,
  lt: conditions.lt,
  lte: conditions.lte,
  has: conditions.has,
};

const TEXT: Readonly<Record<string, (part: string) => unknown>> = {
  contains: conditions.contains,
  startsWith: conditions.startsWith,
  endsWith: conditions.endsWith,
};

/** The filter of the parameters, all of which must be allowed; `known` are the names to suggest. */
export function parseListFilter(
  parsing: Parsing,
  parameters: readonly Parameter[],
  allowed: CompiledRules['filter'],
  known: readonly string[],
): object {
  const tests: (readonly [string, unknown])[] = [];
  const seen = new Set<string>();
  for (const parameter of parameters) {
    const { label, name } = parameter;
    const rule = allowed.get(name);
    const operator = parameter.operator ?? 'eq';
    if (rule === undefined) addIssue(parsing, label, unknownName(name, known, 'is no parameter here'));
    else if (!rule.operators.has(operator)) {
      addIssue(parsing, label, `has no such operator here; \`${name}\` takes ${[...rule.operators].join(', ')}`);
    } else if (seen.has(`${name}[${operator}]`)) {
      addIssue(parsing, label, `must be given once: \`${name}\` and \`${name}[eq]\` are the same`);
    } else {
      seen.add(`${name}[${operator}]`);
      tests.push([name, parseTest(parsing, rule.field, operator, parameter)]);
    }
  }
  if (new Set(tests.map(([name]) => name)).size === tests.length) return Object.fromEntries(tests);
  return and(...(tests.map(([name, test]) => ({ [name]: test })) as never[]));
}

function parseTest(parsing: Parsing, field: FieldModel, operator: string, parameter: Parameter): unknown {
  const { label, texts, isList } = parameter;
  const many = MANY[operator];
  const target = operator.startsWith('has') ? field.item! : field;
  if (many !== undefined) {
    const values = texts.length === 1 && !isList ? texts[0]!.split(',', MAX_VALUES + 1) : texts;
    if (values.length > MAX_VALUES) {
      addIssue(parsing, label, `must have at most ${MAX_VALUES} values`);
      return undefined;
    }
    return many(...values.map((text) => read(parsing, target, text, label)));
  }
  const [text = ''] = texts;
  if (texts.length > 1 || isList) {
    addIssue(parsing, label, 'must be given once, not as a list');
    return undefined;
  }
  if (operator === 'null') {
    if (text === 'true') return conditions.isNull();
    if (text === 'false') return conditions.isNotNull();
    addIssue(parsing, label, 'must be `true` or `false`');
    return undefined;
  }
  const match = TEXT[operator];
  if (match !== undefined) return checkText(parsing, text, label) ? match(text) : undefined;
  return ONE[operator]!(read(parsing, target, text, label) as never);
}

function read(parsing: Parsing, field: FieldModel, text: string, label: string): unknown {
  return checkText(parsing, text, label) ? readValue(parsing, field, text, label) : undefined;
}
