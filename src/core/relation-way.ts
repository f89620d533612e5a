import type { Issue } from '../errors/data.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import { unknownName } from '../util/nearest.js';
import { type Convert, converter } from './key-match.js';
import type { RelationData } from './relation.js';

/** The fields along which a relation goes. */
export interface Way {
  readonly from: FieldModel;
  readonly ours: FieldModel | null;
  readonly theirs: FieldModel | null;
  readonly to: FieldModel;
  /** From `from` to `ours`, where there is something between. */
  readonly first: Convert | null;
  /** To `to`. */
  readonly last: Convert;
}

/** The way of a relation; adds an issue when there is none. */
export function wayBetween(
  model: EntityModel,
  target: EntityModel,
  through: EntityModel | null,
  { kind, by, theirs }: RelationData,
  issues: Issue[],
): Way | null {
  if (through !== null) {
    const ours = topField(through, by, issues);
    const other = topField(through, theirs, issues);
    if (ours === null || other === null) return null;
    const from = named(ours, model, issues);
    const to = named(other, target, issues);
    if (from === null || to === null) return null;
    const first = matched(from, ours, issues);
    const last = matched(other, to, issues);
    return first === null || last === null ? null : { from, ours, theirs: other, to, first, last };
  }
  if (kind === 'hasOne' || kind === 'hasMany') {
    const to = topField(target, by, issues);
    const from = to === null ? null : named(to, model, issues);
    const last = to === null || from === null ? null : matched(from, to, issues);
    return last === null ? null : { from: from!, ours: null, theirs: null, to: to!, first: null, last };
  }
  const from = topField(model, by, issues);
  if (from === null) return null;
  if ((from.kind === 'list') !== (kind === 'belongsToMany')) {
    const message = kind === 'belongsTo' ? `is a list: use \`belongsToMany\`` : 'is no list: use `belongsTo`';
    issues.push({ path: '', message: `goes by \`${from.path}\`, which ${message}` });
    return null;
  }
  const to = named(from, target, issues);
  const last = to === null ? null : matched(from.item ?? from, to, issues);
  return last === null ? null : { from, ours: null, theirs: null, to: to!, first: null, last };
}

function topField(model: EntityModel, name: unknown, issues: Issue[]): FieldModel | null {
  const field = model.fields.find((each) => each.name === name);
  if (field !== undefined && !field.hidden) return field;
  const names = model.fields.filter((each) => !each.hidden).map((each) => each.name);
  const sentence = `goes by \`${String(name)}\`, which is no field of \`${model.name}\``;
  issues.push({
    path: '',
    message:
      field?.hidden === true
        ? `goes by \`${field.path}\`, which is hidden`
        : unknownName(String(name), names, sentence),
  });
  return null;
}

/** The field whose value the reference holds: what `references()` says, or the key. */
function named(reference: FieldModel, model: EntityModel, issues: Issue[]): FieldModel | null {
  const { references } = reference;
  if (references !== null && references.entity === model.name && references.field !== null) {
    const field = model.paths.get(references.field);
    if (field !== undefined && field.segments.length === 1) return field;
  }
  if (model.key.length === 1) return model.key[0]!;
  issues.push({ path: '', message: `must not go by the key of \`${model.name}\`, which has several fields` });
  return null;
}

function matched(from: FieldModel, to: FieldModel, issues: Issue[]): Convert | null {
  const convert = converter(from, to);
  if (convert === null) {
    const message = `must compare fields of one kind: \`${from.path}\` is ${from.kind}, \`${to.path}\` is ${to.kind}`;
    issues.push({ path: '', message });
  }
  return convert;
}
