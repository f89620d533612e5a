import { geoPoint, object } from '../../schema/composites.js';
import { entity } from '../../schema/entity.js';
import { index } from '../../schema/index-spec.js';
import { softDelete } from '../../schema/presets.js';
import { integer, real, text } from '../../schema/scalars.js';
import type { AnyEntity } from '../../schema/types.js';

/** Points with an index, at the top and in an object; others without one, with one over some rows, and hidden. */
export const Place: AnyEntity = entity(
  'contract_places',
  {
    id: integer().primaryKey(),
    label: text(),
    rank: integer().optional(),
    spot: geoPoint().optional(),
    inside: object({ spot: geoPoint().optional(), note: text().optional() }).optional(),
    bare: geoPoint().optional(),
    some: geoPoint().optional(),
    secret: geoPoint().hidden().optional(),
    code: text().hidden().optional(),
    ...softDelete(),
  },
  {
    indexes: [index.geo('spot'), index.geo('inside.spot'), index.geo('some').where({ rank: 1 }), index.geo('secret')],
    computed: { names: (row: object) => Object.keys(row).sort().join() },
  },
);

/** A field that has the name of what `near` tells. */
export const Span: AnyEntity = entity(
  'contract_spans',
  { id: integer().primaryKey(), distance: real().optional(), spot: geoPoint().optional() },
  { indexes: [index.geo('spot')] },
);
