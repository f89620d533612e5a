import {
  addToSet,
  anyOf,
  type Database,
  decimal,
  entity,
  enumOf,
  geoPoint,
  increment,
  index,
  integer,
  list,
  object,
  Repository,
  type RepositoryOptions,
  type Row,
  text,
  timestamps,
} from 'trivet';

/** Populated places, by the feature codes of GeoNames. */
const settled = ['PPL', 'PPLA', 'PPLA2', 'PPLA3', 'PPLA4', 'PPLA5', 'PPLC', 'PPLF', 'PPLG', 'PPLL', 'PPLR'] as const;
const other = ['PPLS', 'PPLX', 'STLMT'] as const;
/** Places where nobody lives any more: historical capital, historical, abandoned, destroyed. */
const deserted = ['PPLCH', 'PPLH', 'PPLQ', 'PPLW'] as const;

export const Place = entity(
  'places',
  {
    // GeoNames numbers its places, so no id is made here.
    id: integer().min(1).primaryKey(),
    name: text().trim().min(1).max(120),
    country: text()
      .length(2)
      .matches(/^[A-Z]{2}$/, 'must be a country code of ISO 3166-1, such as IS'),
    adminCode: text().max(12).optional(),
    details: object({
      population: integer().min(0),
      feature: enumOf(...settled, ...other, ...deserted),
      municipality: text().max(24).optional(),
      district: text().max(24).optional(),
    }),
    location: geoPoint(),
    // A point is found by its distance; the latitude on its own can be compared and ordered, exactly as it was published.
    latitude: decimal(7, 5).min(-90).max(90),
    tags: list(text().max(20)).max(12).default([]),
    visits: integer().min(0).default(0),
    ...timestamps(),
  },
  {
    indexes: [
      index('name'),
      index('country', 'name'),
      index({ 'details.population': 'desc', name: 'asc' }),
      index('details.feature'),
      index({ latitude: 'desc' }),
      index('tags'),
      index.geo('location'),
    ],
  },
);
export type Place = Row<typeof Place>;

/** The places of the world, in whichever database they are. */
export class Places extends Repository<typeof Place> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Place, options);
  }

  /** The places with the most inhabitants, from a rank on; the first has rank 1. */
  largest({ from = 1, count }: { readonly from?: number; readonly count: number }) {
    return this.find(
      {},
      {
        orderBy: { 'details.population': 'desc', name: 'asc' },
        offset: from - 1,
        limit: count,
        select: ['name', 'details.population'],
      },
    );
  }

  northernmost(count: number) {
    return this.find({}, { orderBy: { latitude: 'desc' }, limit: count, select: ['name', 'latitude'] });
  }

  /** The codes of all countries that have a place. */
  countries() {
    return this.distinct('country');
  }

  /** A census that found `growth` more inhabitants in each place of a country, and drew the municipalities anew. */
  recordCensus(country: string, growth: number) {
    return this.updateMany(
      { country },
      {
        'details.population': increment(growth),
        'details.municipality': null,
        visits: increment(1),
        tags: addToSet('census'),
      },
    );
  }

  /** Deletes the places where nobody lives any more, and gives their number. */
  removeDeserted() {
    return this.deleteMany({ 'details.feature': anyOf(...deserted) });
  }

  countDeserted() {
    return this.count({ 'details.feature': anyOf(...deserted) });
  }
}
