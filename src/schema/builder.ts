import type { Bounds, FieldModel, Kind, Reference } from './model.js';
import { isStandardSchema, type StandardSchema } from './standard.js';

/** A rule over a value whose type is right. `name` tells rules apart that replace each other: a second `min` wins. */
export interface Rule {
  readonly name: string;
  readonly test: (value: any) => unknown;
  readonly message: string;
  /** A JSON Schema keyword that says the same, where there is one. */
  readonly keyword?: Readonly<Record<string, unknown>> | undefined;
}

/** A Standard Schema given to `check()`. */
export interface SchemaRule {
  readonly name: 'schema';
  readonly schema: StandardSchema<unknown, unknown>;
  readonly message: string | undefined;
}

/** What a draft gets that leaves the field out. */
export type Fallback =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'call'; readonly make: () => unknown }
  | { readonly kind: 'now' | 'uuid' | 'objectId' };

/** All that a builder was told, plain and frozen: what models, parsers and JSON Schema are made from. */
export interface FieldSpec {
  readonly kind: Kind;
  readonly optional: boolean;
  readonly fallback: Fallback | null;
  readonly generated: boolean;
  readonly unique: boolean;
  readonly key: boolean;
  readonly hidden: boolean;
  readonly serial: boolean;
  readonly column: string | null;
  readonly references: Reference | null;
  readonly role: FieldModel['role'];
  readonly transforms: readonly ((text: string) => string)[];
  readonly rules: readonly (Rule | SchemaRule)[];
  readonly bounds: Bounds;
  readonly values: readonly string[] | null;
  readonly item: FieldSpec | null;
  readonly fields: Readonly<Record<string, FieldSpec>> | null;
  readonly schema: StandardSchema<unknown, unknown> | null;
  /** What was wrong with the arguments: `entity()` reports it with the field's path. */
  readonly problems: readonly string[];
}

const EMPTY: Omit<FieldSpec, 'kind'> = {
  optional: false,
  fallback: null,
  generated: false,
  unique: false,
  key: false,
  hidden: false,
  serial: false,
  column: null,
  references: null,
  role: null,
  transforms: [],
  rules: [],
  bounds: {},
  values: null,
  item: null,
  fields: null,
  schema: null,
  problems: [],
};

/** A spec of a kind, with what differs from a plain required field. */
export function specOf(kind: Kind, own: Partial<FieldSpec> = {}): FieldSpec {
  return Object.freeze({ kind, ...EMPTY, ...own });
}

/** What all builders do. A family's class adds what only it has, so that nothing else exists at run time either. */
export class Builder {
  readonly '~spec': FieldSpec;

  constructor(spec: FieldSpec) {
    this['~spec'] = Object.freeze(spec);
    Object.freeze(this);
  }

  optional(): this {
    return this.with({ optional: true });
  }

  default(value: unknown): this {
    const { problems } = this['~spec'];
    if (value === undefined || value === null) {
      return this.with({ problems: [...problems, 'must not have null as its default: say `optional()`'] });
    }
    const fallback: Fallback =
      typeof value === 'function' ? { kind: 'call', make: value as () => unknown } : { kind: 'value', value };
    return this.with({ fallback });
  }

  generated(): this {
    return this.with({ generated: true });
  }

  hidden(): this {
    return this.with({ hidden: true });
  }

  column(name: string): this {
    return this.with({ column: name });
  }

  check(test: unknown, message?: string): this {
    if (typeof test === 'function' && !isStandardSchema(test)) {
      return this.rule({
        name: 'check',
        test: test as Rule['test'],
        message: message ?? 'does not hold a valid value',
      });
    }
    if (!isStandardSchema(test)) return this.problem('must have a function or a Standard Schema in `check()`');
    const { rules } = this['~spec'];
    return this.with({ rules: [...rules, { name: 'schema', schema: test, message }] });
  }

  /** A builder of the same family that was told one thing more. */
  protected with(change: Partial<FieldSpec>): this {
    return new (this.constructor as new (spec: FieldSpec) => this)({ ...this['~spec'], ...change });
  }

  protected problem(message: string): this {
    return this.with({ problems: [...this['~spec'].problems, message] });
  }

  /** Adds a rule; one that can only hold once takes the place of the earlier one. */
  protected rule(rule: Rule, bounds?: Bounds): this {
    const { rules } = this['~spec'];
    const once = rule.name !== 'check' && rule.name !== 'matches';
    const kept = once ? rules.filter((each) => each.name !== rule.name) : rules;
    return this.with({
      rules: [...kept, rule],
      ...(bounds === undefined ? {} : { bounds: { ...this['~spec'].bounds, ...bounds } }),
    });
  }
}

/** Fields with equality. */
export class ScalarBuilder extends Builder {
  unique(): this {
    return this.with({ unique: true });
  }
}

/** Fields that can be a key or refer to one. */
export class KeyBuilder extends ScalarBuilder {
  primaryKey(): this {
    return this.with({ key: true });
  }

  references(entity: string, options: { readonly field?: unknown; readonly onDelete?: unknown } = {}): this {
    if (typeof entity !== 'string') {
      return this.problem("must name the entity that it refers to: `references('users')`");
    }
    const field = options.field ?? null;
    const onDelete = options.onDelete ?? 'restrict';
    if (field !== null && typeof field !== 'string') return this.problem('must name the field that it refers to');
    if (onDelete !== 'cascade' && onDelete !== 'restrict' && onDelete !== 'set null') {
      return this.problem("must have 'cascade', 'restrict' or 'set null' as `onDelete`");
    }
    return this.with({ references: Object.freeze({ entity, field, onDelete }) });
  }
}

/** Whether an argument counts something: an integer from 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The spec of a builder, or undefined for anything else. Not by `instanceof`: an application may load two copies of the package. */
export function specIn(builder: unknown): FieldSpec | undefined {
  if (typeof builder !== 'object' || builder === null) return undefined;
  const spec = (builder as { readonly '~spec'?: FieldSpec })['~spec'];
  return typeof spec === 'object' && spec !== null ? spec : undefined;
}

/** A builder of the same family, told what no method of it can say. */
export function derive<B>(builder: B, change: Partial<FieldSpec>): B {
  const family = (builder as object).constructor as new (spec: FieldSpec) => B;
  return new family({ ...specIn(builder)!, ...change });
}
