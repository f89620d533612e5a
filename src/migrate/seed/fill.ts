import type { FieldSpec } from '../../schema/builder.js';
import type { EntityModel, FieldModel } from '../../schema/model.js';
import type { AnyEntity } from '../../schema/types.js';
import { type KeyMaker, keyMaker } from './key.js';
import { makerOf } from './maker.js';
import type { Make, Maker } from './making.js';

/** How a draft that leaves a field out is completed; without `make` and `refuses` the entity does it, or a hook. */
export interface Filling {
  readonly name: string;
  readonly make: Make | null;
  /** Why the draft has to give it. */
  readonly refuses: string | null;
}

/** How the drafts of an entity are completed. */
export interface FillPlan {
  readonly fillings: readonly Filling[];
  /** The field of a key that is one field; null where the key has several. */
  readonly keyField: string | null;
  /** Makes the values of a key of one field; a text says why nothing does. */
  readonly key: KeyMaker | string;
}

const MINUTE = 60_000;

export function fillPlan(entity: AnyEntity): FillPlan {
  const model = entity['~model'];
  const single = model.key.length === 1 ? model.key[0]! : null;
  const spec = (field: FieldModel): FieldSpec => entity.fields[field.name]!['~spec'];
  const fillings: Filling[] = [];
  for (const field of model.fields) if (field !== single) fillings.push(filling(field, spec(field), model));
  return {
    fillings,
    keyField: single?.name ?? null,
    key: single === null ? 'is made of several fields' : keyOf(spec(single)),
  };
}

function keyOf(spec: FieldSpec): KeyMaker | string {
  if (spec.references === null) return keyMaker(spec);
  return `refers to \`${spec.references.entity}\`: give \`key\`, such as \`(number) => others.key(number)\``;
}

function filling({ name, role }: FieldModel, spec: FieldSpec, model: EntityModel): Filling {
  const left: Filling = { name, make: null, refuses: null };
  if (role === 'createdAt' || role === 'updatedAt') return { ...left, make: momentOf };
  if (role !== null || spec.generated || spec.serial) return left;
  const { fallback } = spec;
  // Copied by the one who checks the draft.
  if (fallback?.kind === 'value') return { ...left, make: () => fallback.value };
  if (spec.optional) return { ...left, make: () => null };
  const maker: Maker = makerOf(spec, isDistinct(name, model));
  if ('make' in maker) return { ...left, make: maker.make };
  // A function as a default may give what it likes, but something it gives.
  return fallback === null ? { ...left, refuses: maker.refuses } : left;
}

/** A minute after the row before, so that an order by time is the order of their numbers. */
function momentOf({ base, number }: Parameters<Make>[0]): Date {
  return new Date(base.getTime() + number * MINUTE);
}

/** Of a set that is unique together, each field that has many values is different in each row; one of few is only if all are of few. */
function isDistinct(name: string, { key, unique }: EntityModel): boolean {
  return [key, ...unique].some((set) => {
    const own = set.find((field) => field.name === name);
    return own !== undefined && (!hasFew(own) || set.every(hasFew));
  });
}

function hasFew({ kind }: FieldModel): boolean {
  return kind === 'enum' || kind === 'boolean';
}
