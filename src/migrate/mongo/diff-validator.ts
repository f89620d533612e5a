import { canonical } from '../../mongo/canonical.js';
import type { Document } from '../../mongo/client.js';
import { validatorIn } from '../../mongo/live-schema.js';
import type { Warning } from '../diff/types.js';
import { listed, type Subject, warning } from './diff-changes.js';
import { hasField, propertiesIn } from './live.js';
import { isAbout } from './own-index.js';

/** Looking for more of them is not worth the time. */
const MANY = 1_000;

/** The fields that are to be renamed and still have their old names: new path -> old path. */
export async function renamedFields({ raw, live, renames }: Subject): Promise<ReadonlyMap<string, string>> {
  const properties = propertiesIn(validatorIn(live.options)) ?? {};
  const result = new Map<string, string>();
  for (const [to, from] of renames.fields) {
    if (names(properties, from.split('.')) || (await hasField(raw, live.name, from))) result.set(to, from);
  }
  return result;
}

function names(properties: Readonly<Document>, [first, ...rest]: readonly string[]): boolean {
  const schema = Object.hasOwn(properties, first!) ? (properties[first!] as Document) : undefined;
  if (schema === undefined || rest.length === 0) return schema !== undefined;
  return names((schema['properties'] as Document | undefined) ?? {}, rest);
}

/** `indexes` are those that are there when fields are renamed. The validator first: from then on nothing is written under an old name, so that no document is missed. On the way back it is the same. */
export async function compareValidator(
  subject: Subject,
  wanted: Document,
  fields: ReadonlyMap<string, string>,
  indexes: readonly Document[],
): Promise<void> {
  const { names: own, live, findings } = subject;
  const { collection } = own;
  const before = validatorIn(live.options);
  const differs = before === null || canonical(before) !== canonical(wanted);
  if (fields.size > 0 || differs) {
    const level = live.options['validationLevel'] ?? 'strict';
    const renamed = [...fields].map(([to, from]) => `${collection}.${from} to ${to}`);
    findings.add({
      action: fields.size > 0 ? 'rename' : 'alter',
      what: fields.size > 0 ? `field ${renamed.join(', ')}` : `validator ${collection}`,
      up: [
        // Moderate: documents from before that do not fit may still be changed.
        { collMod: collection, validator: wanted, validationLevel: 'moderate' },
        ...rename(collection, new Map([...fields].map(([to, from]) => [from, to]))),
      ],
      down:
        fields.size === 0
          ? [{ collMod: collection, validator: before ?? {}, validationLevel: level }]
          : [
              // A document that does not fit for another reason would not let its field be renamed.
              { collMod: collection, validator: before ?? {}, validationLevel: 'moderate' },
              ...rename(collection, fields),
              { collMod: collection, validationLevel: level },
            ],
      warnings: [
        ...(fields.size > 0 ? await renameWarnings(subject, fields, indexes) : []),
        ...stricter(before, wanted),
        ...(fields.size > 0 ? [] : await misfits(subject, wanted)),
      ],
    });
  }
  strangers(subject, before, wanted, fields);
}

/** `names` is from the name that a field has to the one that it gets. */
function rename(collection: string, fields: ReadonlyMap<string, string>): Document[] {
  return [...fields].map(([from, to]) => ({
    update: collection,
    updates: [{ q: { [from]: { $exists: true } }, u: { $rename: { [from]: to } }, multi: true }],
  }));
}

async function renameWarnings(
  { raw, live }: Subject,
  fields: ReadonlyMap<string, string>,
  indexes: readonly Document[],
): Promise<Warning[]> {
  const warnings = [
    warning(
      'breaks-readers',
      `Programs that run now and use ${listed([...fields.values()])} find no values any more. Where they must go on, write both names for a while, and copy the values instead.`,
    ),
  ];
  const unique = indexes.filter((index) => index['unique'] === true && isAbout(index, fields.values()));
  if (unique.length > 0) {
    const stay = listed(unique.map(({ name }) => String(name)));
    warnings.push(
      warning('may-fail', `It fails where ${stay}, which is not ours, takes no two documents without a value.`),
    );
  }
  for (const [to, from] of fields) {
    const both = { [from]: { $exists: true }, [to]: { $exists: true } };
    const found = await raw.find(live.name, both, { limit: 1, projection: { _id: 1 } });
    if (found.length > 0)
      warnings.push(
        warning('destroys', `Documents have \`${to}\` already: its value gives way to that of \`${from}\`.`),
      );
  }
  return warnings;
}

/** What is refused from now on that was not before. */
function stricter(before: Document | null, wanted: Document): readonly Warning[] {
  if (before === null)
    return [
      warning('breaks-readers', 'Writes that do not fit the entity are refused from now on, where all were taken.'),
    ];
  const old = propertiesIn(before);
  if (old === null)
    return [
      warning(
        'breaks-readers',
        'The validator that is there is no schema: writes that it took may be refused from now on.',
      ),
    ];
  const now = propertiesIn(wanted)!;
  const required = requiredIn(wanted).filter((name) => !requiredIn(before).includes(name));
  const changed = Object.keys(now).filter(
    (name) => Object.hasOwn(old, name) && canonical(now[name]) !== canonical(old[name]),
  );
  const warnings: Warning[] = [];
  if (required.length > 0)
    warnings.push(
      warning(
        'breaks-readers',
        `Writes without ${listed(required)} are refused from now on: programs that run now must know it first.`,
      ),
    );
  if (changed.length > 0)
    warnings.push(
      warning('breaks-readers', `Writes are refused from now on that do not fit what ${listed(changed)} may be now.`),
    );
  return warnings;
}

function requiredIn(validator: Document): readonly string[] {
  return ((validator['$jsonSchema'] as Document)['required'] as readonly string[] | undefined) ?? [];
}

async function misfits({ raw, live }: Subject, wanted: Document): Promise<readonly Warning[]> {
  const pipeline = [{ $match: { $nor: [wanted] } }, { $limit: MANY }, { $count: 'n' }];
  const [found] = await raw.all({ aggregate: live.name, pipeline, cursor: {} });
  if (found === undefined) return [];
  const n = Number(found['n']);
  const many = n === MANY ? `${MANY} documents or more do` : n === 1 ? '1 document does' : `${n} documents do`;
  return [
    warning(
      'breaks-readers',
      `${many} not fit: they stay, and may be changed, but what reads them may not expect what is in them.`,
    ),
  ];
}

/** Fields that only the validator that is there knows. */
function strangers(
  { names: { collection }, drop, findings }: Subject,
  before: Document | null,
  wanted: Document,
  fields: ReadonlyMap<string, string>,
): void {
  const now = propertiesIn(wanted) ?? {};
  const renamed = new Set(fields.values());
  const gone = Object.keys(propertiesIn(before) ?? {}).filter(
    (name) => !Object.hasOwn(now, name) && !renamed.has(name),
  );
  for (const name of gone) {
    if (!drop || name === '_id') {
      findings.foreign.push(`Field ${collection}.${name} is no field: its values stay; \`drop\` takes them away.`);
      continue;
    }
    findings.add({
      action: 'drop',
      what: `field ${collection}.${name}`,
      up: [
        {
          update: collection,
          updates: [{ q: { [name]: { $exists: true } }, u: { $unset: { [name]: '' } }, multi: true }],
        },
      ],
      down: [],
      warnings: [
        warning('destroys', 'The values are gone for good: the way back brings none again.'),
        warning('breaks-readers', 'Programs that run now may use them: let them go only when nobody does any more.'),
      ],
    });
  }
}
