import { createHash } from 'node:crypto';
import { and, anyOf, between, contains, endsWith, eq, gte, has, hasAll, hasAny, ne, not, startsWith } from 'trivet';
import type { FilePlace } from './file.js';
import type { Place, Places } from './place.js';

/** What answers are made of, so that they can be compared and printed. */
export type Answer = Readonly<Record<string, number | string | readonly (string | null)[]>>;

/** When the places were loaded, and when the questions change them: every engine is given this clock. */
export const LOADED_AT: Date = new Date('2026-01-01T00:00:00.000Z');
export const CHANGED_AT: Date = new Date('2026-02-01T12:30:00.500Z');

/** A place that the file has not. */
export const NEW_PLACE: FilePlace = {
  id: 900_000_001,
  name: 'Þrífótur',
  country: 'IS',
  adminCode: null,
  details: { population: 120, feature: 'PPL', municipality: null, district: null },
  location: { type: 'Point', coordinates: [-18.5, 65.25] },
  latitude: '65.25',
  tags: ['new'],
};

/** The ten questions, in their order: the later ones see what the earlier ones changed. */
export const questions = {
  count: {
    title: 'How many places, millions, uncounted?',
    ask: async (places: Places) => ({
      places: await places.count(),
      millions: await places.count({ 'details.population': gte(1_000_000) }),
      uncounted: await places.count({ 'details.population': 0 }),
    }),
  },
  text: {
    title: 'Which names hold a text, with and without case?',
    ask: async (places: Places) => ({
      san: await places.count({ name: startsWith('San ') }),
      burg: await places.count({ name: endsWith('BURG', { ignoreCase: true }) }),
      'neither vil nor a': await places.count(
        and(not({ name: contains('vil') }), not({ name: contains('A', { ignoreCase: true }) })),
      ),
      first: names(
        await places.find(
          { name: contains('stadt'), country: anyOf('AT', 'DE', 'CH') },
          { orderBy: { name: 'asc' }, limit: 3, select: ['name'] },
        ),
      ),
    }),
  },
  order: {
    title: 'Which are 11th to 20th in size, which northernmost?',
    ask: async (places: Places) => ({
      largest: (await places.largest({ from: 11, count: 10 })).map((each) => `${each.name} ${each.details.population}`),
      northernmost: (await places.northernmost(3)).map(({ name, latitude }) => `${name} ${latitude}`),
    }),
  },
  nested: {
    title: 'Which British municipalities are first and last, which missing?',
    ask: async (places: Places) => ({
      none: await places.count({ country: 'GB', 'details.municipality': null }),
      'not 29UQ': await places.count({ country: 'GB', 'details.municipality': ne('29UQ') }),
      first: names(
        await places.find(
          { country: 'GB', 'details.population': between(1_000, 200_000) },
          { orderBy: { 'details.municipality': 'asc', name: 'desc' }, limit: 3, offset: 1 },
        ),
      ),
      last: names(
        await places.find(
          { country: 'GB', 'details.district': startsWith('2') },
          { orderBy: { 'details.district': 'desc', name: 'asc' }, limit: 3 },
        ),
      ),
    }),
  },
  distinct: {
    title: 'Which countries, features and regions are there?',
    ask: async (places: Places) => ({
      countries: await places.countries(),
      features: await places.distinct('details.feature', { country: 'US' }),
      regions: await places.distinct('adminCode', { country: anyOf('AD', 'AQ', 'CW', 'LI') }),
    }),
  },
  lists: {
    title: 'Which tags stand together, and which are missing?',
    ask: async (places: Places) => ({
      capitals: await places.count({ tags: has('capital') }),
      'tropical megacities': await places.count({ tags: hasAll('tropical', 'megacity') }),
      polar: await places.count({ tags: hasAny('arctic', 'antarctic') }),
      untagged: await places.count({ tags: eq([]) }),
      'neither seat nor tropical': await places.count(not({ tags: hasAny('seat', 'tropical') })),
    }),
  },
  update: {
    title: 'What does a census of Iceland change?',
    ask: async (places: Places) => {
      const changed = await places.recordCensus('IS', 250);
      let population = 0;
      for (const place of await places.find({ tags: has('census') })) population += place.details.population;
      const silent = await places.count({ country: 'IS', 'details.municipality': null, visits: 1 });
      return { changed, population, silent };
    },
  },
  upsert: {
    title: 'What does an import insert, what does it update?',
    ask: async (places: Places) => {
      const actions: string[] = [];
      const { row: first } = await record(NEW_PLACE);
      await record({ ...NEW_PLACE, details: { ...NEW_PLACE.details, population: 140 } });
      const capital = await places.findOne({ tags: has('capital') }, { orderBy: { id: 'asc' } });
      if (capital === null) throw new Error('Expected to find a capital');
      const { visits, createdAt, updatedAt, ...draft } = capital;
      const { row: last } = await record({ ...draft, name: `${draft.name} (capital)`, tags: ['renamed'] });
      return { actions, first: shown(first), last: shown(last), places: await places.count() };

      async function record(draft: FilePlace) {
        const done = await places.upsert(draft, { on: 'id' });
        actions.push(done.action);
        return done;
      }
    },
  },
  delete: {
    title: 'How many deserted places go, how many stay?',
    ask: async (places: Places) => ({
      before: await places.countDeserted(),
      deleted: await places.removeDeserted(),
      after: await places.countDeserted(),
      places: await places.count(),
      first: (await places.findById(NEW_PLACE.id))?.name ?? 'none',
    }),
  },
  stream: {
    title: 'What is the sum of all rows, what is their checksum?',
    ask: async (places: Places) => {
      const hash = createHash('sha256');
      let rows = 0;
      let population = 0;
      for await (const place of places.stream({}, { orderBy: { id: 'asc' }, batch: 2_000 })) {
        rows++;
        population += place.details.population;
        hash.update(lineOf(place));
      }
      return { rows, population, sha256: hash.digest('hex') };
    },
  },
} satisfies Readonly<Record<string, Question>>;

/** Something to ask, whatever the engine. */
export interface Question {
  readonly title: string;
  ask(places: Places): Promise<Answer>;
}

function names(rows: readonly { readonly name: string }[]): string[] {
  return rows.map(({ name }) => name);
}

function shown({ name, details, tags, createdAt, updatedAt }: Place): string {
  return `${name} ${details.population} [${tags}] ${createdAt.toISOString()} ${updatedAt.toISOString()}`;
}

/** Every value of a row on one line. */
function lineOf(place: Place): string {
  const { details, location } = place;
  const values = [place.id, place.name, place.country, place.adminCode, place.latitude, place.visits, place.tags];
  const nested = [details.population, details.feature, details.municipality, details.district, location.coordinates];
  return `${JSON.stringify([...values, ...nested, place.createdAt, place.updatedAt])}\n`;
}
