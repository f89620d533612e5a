import { isScalarKind } from '../schema/kinds.js';
import type { FieldModel } from '../schema/model.js';
import { typeName } from '../util/describe.js';
import { codePointLength, isWellFormed, successor } from '../util/text.js';
import { type BrandedData, branded, type ConditionData } from './brand.js';
import { type Clause, FALSE, type Leaf, TRUE } from './clause.js';
import { allOf, anyOfClauses, not } from './logic.js';
import { addIssue, fieldAt, isOrdered, isPlainObject, operandOf, type Parsing, slotOf } from './parsing.js';

/** Longest pattern of `contains`, `startsWith`, `endsWith` in code points: MongoDB refuses regular expressions of more than about 32,000 bytes. */
export const MAX_PATTERN = 1_000;
/** Deepest nesting of `and`, `or`, `not`. */
const MAX_DEPTH = 50;

/**
 * Checks a filter and gives its clause, `not` pushed down to the leaves. What is wrong goes to `parsing.issues`, all of it.
 *
 * `negate` asks for the complement: De Morgan's laws for groups, the complement of each leaf with its nulls.
 */
export function parseWhere(parsing: Parsing, where: unknown, negate = false, depth = 0): Clause {
  const data = branded(where);
  if (data?.type === 'group') {
    if (depth > MAX_DEPTH) {
      addIssue(parsing, '', `must nest \`and\`, \`or\`, \`not\` at most ${MAX_DEPTH} deep`);
      return FALSE;
    }
    if (data.op === 'not') return parseWhere(parsing, data.clauses[0], !negate, depth + 1);
    const clauses = data.clauses.map((each) => parseWhere(parsing, each, negate, depth + 1));
    return (data.op === 'and') !== negate ? allOf(clauses) : anyOfClauses(clauses);
  }
  if (data !== undefined || !isPlainObject(where)) {
    const got = data === undefined ? typeName(where) : `a ${data.type} without a field`;
    addIssue(
      parsing,
      '',
      `must be a filter, such as \`{ name: value }\`, \`or(...)\`, \`and(...)\` or \`not(...)\`, got ${got}`,
    );
    return FALSE;
  }
  const clauses: Clause[] = [];
  for (const path of Object.keys(where)) {
    const field = fieldAt(parsing, path);
    if (field !== undefined) clauses.push(parseTest(parsing, field, where[path], negate));
  }
  if (clauses.length === 1) return clauses[0]!;
  return negate ? anyOfClauses(clauses) : allOf(clauses);
}

const MISPLACED: Readonly<Record<Exclude<BrandedData['type'], 'condition'>, string>> = {
  group: '`and`, `or`, `not` join whole filters',
  operator: 'an update operator has its place in a patch',
  measure: 'a measure has its place in `groupBy`',
  bucket: '`bucket` has its place in `groupBy`',
  each: '`each` has its place in `groupBy`',
};

function parseTest(parsing: Parsing, field: FieldModel, test: unknown, negate: boolean): Clause {
  const data = branded(test);
  if (data === undefined) return parseEqual(parsing, field, test, negate);
  if (data.type !== 'condition') {
    const what = MISPLACED[data.type];
    addIssue(parsing, field.path, `must be a value or a condition: ${what}`);
    return FALSE;
  }
  return parseCondition(parsing, field, data, negate);
}

function parseCondition(parsing: Parsing, field: FieldModel, data: ConditionData, negate: boolean): Clause {
  const [first, second] = data.operands;
  switch (data.op) {
    case 'eq':
      return parseEqual(parsing, field, first, negate);
    case 'ne':
      return parseEqual(parsing, field, first, !negate);
    case 'anyOf':
      return parseSet(parsing, field, data.operands, negate);
    case 'noneOf':
      return parseSet(parsing, field, data.operands, !negate);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return parseOrder(parsing, field, data.op, first, negate);
    case 'between': {
      const low = parseOrder(parsing, field, 'gte', first, negate);
      const high = parseOrder(parsing, field, 'lte', second, negate);
      return negate ? anyOfClauses([low, high]) : allOf([low, high]);
    }
    case 'isNull':
    case 'isNotNull':
      return parseNull(parsing, field, (data.op === 'isNull') !== negate);
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return parseText(parsing, field, data, negate);
    default:
      return parseList(parsing, field, data, negate);
  }
}

/** Adds the issue that the field's kind has no such test. */
function refuse(parsing: Parsing, field: FieldModel, test: string): Clause {
  addIssue(parsing, field.path, `is a field of kind ${field.kind}, which has no \`${test}\``);
  return FALSE;
}

function parseNull(parsing: Parsing, field: FieldModel, wanted: boolean): Clause {
  if (field.nullable) return { op: wanted ? 'isNull' : 'isNotNull', field };
  addIssue(parsing, field.path, 'is never null: it cannot be tested for null');
  return FALSE;
}

function operand(parsing: Parsing, field: FieldModel, value: unknown, path: string): unknown {
  if (value === undefined) {
    addIssue(parsing, path, 'must not be undefined: leave the field out, or give `null` for no value');
    return undefined;
  }
  if (branded(value) !== undefined) {
    addIssue(parsing, path, 'must be a value: conditions and operators do not nest');
    return undefined;
  }
  return operandOf(parsing, field, value, path);
}

/** What `eq` compares: scalars, and whole lists of scalars. */
function hasEquality(field: FieldModel): boolean {
  return isScalarKind(field.kind) || (field.kind === 'list' && isScalarKind(field.item!.kind));
}

function parseEqual(parsing: Parsing, field: FieldModel, value: unknown, negate: boolean): Clause {
  if (value === null) return parseNull(parsing, field, !negate);
  if (!hasEquality(field)) {
    const how = isPlainObject(value) ? '; test its fields by dotted paths' : '';
    addIssue(parsing, field.path, `is a field of kind ${field.kind}, which has no equality${how}`);
    return FALSE;
  }
  const slot = slotOf(parsing, operand(parsing, field, value, field.path));
  return { op: negate ? 'ne' : 'eq', field, slot };
}

function parseSet(parsing: Parsing, field: FieldModel, operands: readonly unknown[], negate: boolean): Clause {
  if (!isScalarKind(field.kind)) return refuse(parsing, field, negate ? 'noneOf' : 'anyOf');
  const values: unknown[] = [];
  let withNull = false;
  operands.forEach((each, i) => {
    if (each === null) withNull = true;
    else values.push(operand(parsing, field, each, `${field.path}[${i}]`));
  });
  const clauses: Clause[] = [];
  if (values.length > 0) clauses.push({ op: negate ? 'noneOf' : 'anyOf', field, slot: slotOf(parsing, values) });
  if (withNull) clauses.push(parseNull(parsing, field, !negate));
  return negate ? allOf(clauses) : anyOfClauses(clauses);
}

const INVERSE = { gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt' } as const;

function parseOrder(
  parsing: Parsing,
  field: FieldModel,
  op: keyof typeof INVERSE,
  value: unknown,
  negate: boolean,
): Clause {
  if (!isOrdered(field.kind)) return refuse(parsing, field, op);
  if (value === null) {
    addIssue(parsing, field.path, `must not be compared with null by \`${op}\`: nothing is before or after it`);
    return FALSE;
  }
  const slot = slotOf(parsing, operand(parsing, field, value, field.path));
  if (!negate) return { op, field, slot };
  return orNull({ op: INVERSE[op], field, slot });
}

/** The complement of a comparison holds the rows without a value, too. */
function orNull(leaf: Leaf): Clause {
  return leaf.field.nullable ? anyOfClauses([leaf, { op: 'isNull', field: leaf.field }]) : leaf;
}

function parseText(parsing: Parsing, field: FieldModel, data: ConditionData, negate: boolean): Clause {
  const op = data.op as 'contains' | 'startsWith' | 'endsWith';
  if (field.kind !== 'text') return refuse(parsing, field, op);
  const part = data.operands[0];
  if (typeof part !== 'string' || !isWellFormed(part) || codePointLength(part) > MAX_PATTERN) {
    addIssue(
      parsing,
      field.path,
      `must be matched by a well-formed text without NUL of at most ${MAX_PATTERN} characters`,
    );
    return FALSE;
  }
  if (part === '') {
    if (!field.nullable) return negate ? FALSE : TRUE;
    return { op: negate ? 'isNull' : 'isNotNull', field };
  }
  const { ignoreCase } = data;
  const unbounded = op === 'startsWith' && !ignoreCase && successor(part) === null;
  const leaf = { op, field, slot: slotOf(parsing, part), ignoreCase, unbounded };
  return negate ? not(leaf) : leaf;
}

function parseList(parsing: Parsing, field: FieldModel, data: ConditionData, negate: boolean): Clause {
  const op = data.op as 'has' | 'hasAny' | 'hasAll';
  const item = field.item;
  if (item === null || !isScalarKind(item.kind)) return refuse(parsing, field, op);
  if (data.operands.length === 0) {
    if (op === 'hasAny') return negate ? TRUE : FALSE;
    if (!field.nullable) return negate ? FALSE : TRUE;
    return { op: negate ? 'isNull' : 'isNotNull', field };
  }
  const items = data.operands.map((each, i) => {
    const path = op === 'has' ? field.path : `${field.path}[${i}]`;
    if (each !== null) return operand(parsing, item, each, path);
    addIssue(parsing, path, 'must not be null: a list holds no nulls');
    return null;
  });
  const leaf = { op, field, slot: slotOf(parsing, op === 'has' ? items[0] : items) };
  return negate ? not(leaf) : leaf;
}
