import { type Issue, ValidationError } from '../errors/data.js';
import { typeName } from '../util/describe.js';
import { uuidV7 } from '../util/uuid.js';
import type { FieldSpec } from './builder.js';
import type { EntityModel, FieldModel, StoredRow } from './model.js';
import { newObjectId } from './object-id.js';
import {
  checkAt,
  checksOf,
  type Fill,
  innerFill,
  isMissed,
  isRecord,
  NULL,
  type Part,
  partsOf,
  REQUIRED,
  relocate,
  strangers,
  undefinedProblem,
} from './parse-composite.js';

/** How one field reads values from outside. */
export interface FieldParser {
  /** A value of a draft or a patch, all rules applied; adds issues; null only if optional. */
  input(value: unknown, path: string, issues: Issue[]): unknown;
  /** An operand of a filter: type, canonical form and text transforms, none of the other rules; never null. */
  operand(value: unknown, path: string, issues: Issue[]): unknown;
}

/** A draft that was checked: what is stored, and which of it the caller gave. */
export interface ParsedDraft {
  readonly row: StoredRow;
  /** Top-level names that the caller gave, in the order of their declaration. */
  readonly given: readonly string[];
}

// `Symbol.for`: an entity made by the CJS copy of the package is good for the ESM copy, and the other way round.
const PARSER: unique symbol = Symbol.for('trivet.parser');

/** Hangs the parser on the model, where reading it costs nothing and nobody sees it. */
export function attachFieldParser(field: FieldModel, spec: FieldSpec): void {
  const { input, operand } = checksOf(spec);
  const parser: FieldParser = {
    input: (value, path, issues) => checkAt(spec, input, value, path, issues),
    operand: (value, path, issues) => checkAt(spec, operand, value, path, issues),
  };
  Object.defineProperty(field, PARSER, { value: parser });
}

/** Gives a field the parser of another: the column of a result reads operands like the field that it was made from. */
export function shareFieldParser(from: FieldModel, to: FieldModel): void {
  Object.defineProperty(to, PARSER, { value: parserOf(from) });
}

/** The parser of a field: of an item or a nested field, too. */
export function parserOf(field: FieldModel): FieldParser {
  return (field as unknown as { readonly [PARSER]: FieldParser })[PARSER];
}

/** Reads whole drafts of one entity. */
export class DraftParser {
  readonly #parts: readonly Part[];
  readonly #template: StoredRow;
  readonly #serials: readonly string[];
  readonly #withoutSerials: StoredRow;

  constructor(fields: Readonly<Record<string, FieldSpec>>) {
    this.#parts = partsOf(fields, topFill);
    this.#serials = this.#parts.filter((part) => part.spec.serial).map((part) => part.name);
    this.#template = blank(this.#parts);
    this.#withoutSerials = blank(this.#parts.filter((part) => !part.spec.serial));
  }

  /**
   * Adds an issue for everything that is wrong: the row is of no use then.
   *
   * With `before`, the draft is what hooks made of one that was checked: types are checked, no other rule, and what was filled in stays.
   */
  parse(draft: unknown, now: number, issues: Issue[], before: ParsedDraft | null = null): ParsedDraft {
    const given: string[] = [];
    if (!isRecord(draft)) {
      issues.push({ path: '', message: `must be an object with the fields of the entity, got ${typeName(draft)}` });
      return { row: {}, given };
    }
    const row = this.#rowFor(draft);
    for (const part of this.#parts) {
      const { name, spec } = part;
      const value = draft[name];
      if (value !== undefined && hasOwn.call(draft, name)) {
        given.push(name);
        if (value === null) {
          if (!spec.optional && !spec.generated) issues.push({ path: name, message: NULL });
          row[name] = null;
          continue;
        }
        const known = issues.length;
        if (before === null) row[name] = part.input(value, issues);
        else row[name] = isUntouched(value, before.row[name]) ? value : part.operand(value, issues);
        if (issues.length !== known) relocate(issues, known, name);
      } else if (part.fill !== null) {
        const known = issues.length;
        const filled = before !== null && !before.given.includes(name);
        row[name] = filled ? before.row[name] : part.fill(now, issues);
        if (issues.length !== known) relocate(issues, known, name);
      } else if (isMissed(part)) {
        issues.push({ path: name, message: hasOwn.call(draft, name) ? undefinedProblem(spec) : REQUIRED });
      }
    }
    const keys = Object.keys(draft);
    if (keys.length !== given.length) strangers(draft, keys, this.#parts, issues);
    return { row, given };
  }

  /** The default of a field that is always the same; undefined where there is none. */
  constant(name: string): unknown {
    const part = this.#parts.find((each) => each.name === name);
    return part?.spec.fallback?.kind === 'value' ? part.fill?.(0, []) : undefined;
  }

  /** A row of one shape with null in every field; serial fields that the draft leaves out are not in it. */
  #rowFor(draft: Record<string, unknown>): StoredRow {
    if (this.#serials.length === 0) return { ...this.#template };
    const given = this.#serials.filter((name) => draft[name] !== undefined && hasOwn.call(draft, name));
    if (given.length === 0) return { ...this.#withoutSerials };
    if (given.length === this.#serials.length) return { ...this.#template };
    return blank(this.#parts.filter((part) => !part.spec.serial || given.includes(part.name)));
  }
}

const hasOwn = Object.prototype.hasOwnProperty;

/** Whether a hook left the canonical value as it was. What lies inside an object may be another one by now. */
export function isUntouched(value: unknown, canonical: unknown): boolean {
  return typeof value !== 'object' && value === canonical;
}

function blank(parts: readonly Part[]): StoredRow {
  const row: StoredRow = {};
  for (const { name } of parts) row[name] = null;
  return row;
}

function topFill(spec: FieldSpec): Fill | null {
  switch (spec.fallback?.kind) {
    case 'now':
      return (now) => new Date(now);
    case 'uuid':
      return uuidV7;
    case 'objectId':
      return newObjectId;
    default:
      return innerFill(spec);
  }
}

/** Hangs the parser of drafts on the model. */
export function attachDraftParser(entity: EntityModel, parser: DraftParser): void {
  Object.defineProperty(entity, PARSER, { value: parser });
}

function draftParserOf(entity: EntityModel): DraftParser {
  return (entity as unknown as { readonly [PARSER]: DraftParser })[PARSER];
}

/** The default of a top-level field that is always the same, as a canonical value; undefined where there is none. */
export function constantDefault(entity: EntityModel, name: string): unknown {
  return draftParserOf(entity).constant(name);
}

/**
 * Checks a draft and fills it. `path` goes in front of the paths of issues, such as `drafts[3]`.
 * A `generated()` field that is not given is null in the row: whoever inserts it asks for its value.
 * @throws ValidationError with every problem
 */
export function parseDraft(entity: EntityModel, draft: unknown, now: number, path?: string): ParsedDraft {
  const issues: Issue[] = [];
  const parsed = draftIssues(entity, draft, now, issues, path);
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
  return parsed;
}

/** `parseDraft` that adds to `issues` and does not throw: the row is of no use when it added any. */
export function draftIssues(entity: EntityModel, draft: unknown, now: number, issues: Issue[], path = ''): ParsedDraft {
  const before = issues.length;
  const parsed = draftParserOf(entity).parse(draft, now, issues);
  if (issues.length !== before) relocate(issues, before, path);
  return parsed;
}

/** What hooks made of a draft that was checked: rules are for what the caller gave, so only types are checked now. */
export function finalIssues(
  entity: EntityModel,
  draft: Readonly<Record<string, unknown>>,
  before: ParsedDraft,
  now: number,
  issues: Issue[],
): ParsedDraft {
  return draftParserOf(entity).parse(draft, now, issues, before);
}
