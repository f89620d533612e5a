import { createHash } from 'node:crypto';
import type { FilePlace } from './file.js';
import { CHANGED_AT, LOADED_AT, NEW_PLACE, type questions } from './questions.js';

type Key = keyof typeof questions;
type Answers = { readonly [K in Key]: Awaited<ReturnType<(typeof questions)[K]['ask']>> };

/** A place of the file, with what the library adds to it. */
interface Line extends FilePlace {
  visits: number;
  createdAt: Date;
  updatedAt: Date;
}

/** What the questions must answer, from the file alone: arrays and loops, and nothing of the library. */
export function expectedAnswers(file: readonly FilePlace[]): Answers {
  let lines = file.map((place): Line => ({ ...place, visits: 0, createdAt: LOADED_AT, updatedAt: LOADED_AT }));
  const tagged = (tag: string) => lines.filter(({ tags }) => tags.includes(tag));
  const of = (...countries: string[]) => lines.filter(({ country }) => countries.includes(country));

  function count(): Answers['count'] {
    const populations = lines.map(({ details }) => details.population);
    return {
      places: populations.length,
      millions: populations.filter((each) => each >= 1_000_000).length,
      uncounted: populations.filter((each) => each === 0).length,
    };
  }

  function text(): Answers['text'] {
    const names = lines.map(({ name }) => name);
    const towns = of('AT', 'DE', 'CH').filter(({ name }) => name.includes('stadt'));
    return {
      san: names.filter((name) => name.startsWith('San ')).length,
      burg: names.filter((name) => /burg$/i.test(name)).length,
      'neither vil nor a': names.filter((name) => !name.includes('vil') && !/a/i.test(name)).length,
      first: sorted(towns, ['name']).slice(0, 3),
    };
  }

  function order(): Answers['order'] {
    const bySize = [...lines].sort(
      (a, b) => b.details.population - a.details.population || compare(a.name, b.name) || a.id - b.id,
    );
    const byLatitude = [...lines].sort((a, b) => Number(b.latitude) - Number(a.latitude) || a.id - b.id);
    return {
      largest: bySize.slice(10, 20).map(({ name, details }) => `${name} ${details.population}`),
      northernmost: byLatitude.slice(0, 3).map(({ name, latitude }) => `${name} ${latitude}`),
    };
  }

  function nested(): Answers['nested'] {
    const british = of('GB');
    const towns = british.filter(({ details }) => details.population >= 1_000 && details.population <= 200_000);
    const districts = british.filter(({ details }) => details.district?.startsWith('2'));
    return {
      none: british.filter(({ details }) => details.municipality === null).length,
      'not 29UQ': british.filter(({ details }) => details.municipality !== '29UQ').length,
      first: sorted(towns, ['municipality', '-name']).slice(1, 4),
      last: sorted(districts, ['-district', 'name']).slice(0, 3),
    };
  }

  function distinct(): Answers['distinct'] {
    return {
      countries: unique(lines.map(({ country }) => country)),
      features: unique(of('US').map(({ details }) => details.feature)),
      regions: unique(of('AD', 'AQ', 'CW', 'LI').map(({ adminCode }) => adminCode)),
    };
  }

  function lists(): Answers['lists'] {
    return {
      capitals: tagged('capital').length,
      'tropical megacities': tagged('tropical').filter(({ tags }) => tags.includes('megacity')).length,
      polar: lines.filter(({ tags }) => tags.some((tag) => tag === 'arctic' || tag === 'antarctic')).length,
      untagged: lines.filter(({ tags }) => tags.length === 0).length,
      'neither seat nor tropical': lines.filter(({ tags }) => !tags.includes('seat') && !tags.includes('tropical'))
        .length,
    };
  }

  function update(): Answers['update'] {
    lines = lines.map((line) => {
      if (line.country !== 'IS') return line;
      const details = { ...line.details, population: line.details.population + 250, municipality: null };
      return { ...line, details, visits: 1, tags: [...line.tags, 'census'], updatedAt: CHANGED_AT };
    });
    const changed = of('IS');
    const population = changed.reduce((sum, { details }) => sum + details.population, 0);
    return { changed: changed.length, population, silent: changed.length };
  }

  function upsert(): Answers['upsert'] {
    const first: Line = { ...NEW_PLACE, visits: 0, createdAt: CHANGED_AT, updatedAt: CHANGED_AT };
    const added: Line = { ...first, details: { ...first.details, population: 140 } };
    const [capital] = tagged('capital').sort((a, b) => a.id - b.id);
    if (capital === undefined) throw new Error('Expected the file to have a capital');
    const last: Line = { ...capital, name: `${capital.name} (capital)`, tags: ['renamed'], updatedAt: CHANGED_AT };
    lines = [...lines.filter((line) => line !== capital), last, added];
    const actions = ['inserted', 'updated', 'updated'];
    return { actions, first: shown(first), last: shown(last), places: lines.length };
  }

  function remove(): Answers['delete'] {
    const before = lines.length;
    lines = lines.filter(({ details }) => !['PPLCH', 'PPLH', 'PPLQ', 'PPLW'].includes(details.feature));
    const deleted = before - lines.length;
    return { before: deleted, deleted, after: 0, places: lines.length, first: NEW_PLACE.name };
  }

  function stream(): Answers['stream'] {
    const hash = createHash('sha256');
    let population = 0;
    for (const { details, location, ...line } of [...lines].sort((a, b) => a.id - b.id)) {
      population += details.population;
      const { id, name, country, adminCode, latitude, visits, tags, createdAt, updatedAt } = line;
      const nested = [details.population, details.feature, details.municipality, details.district];
      const values = [id, name, country, adminCode, latitude, visits, tags, ...nested, location.coordinates];
      hash.update(`${JSON.stringify([...values, createdAt, updatedAt])}\n`);
    }
    return { rows: lines.length, population, sha256: hash.digest('hex') };
  }

  // In the order of the questions: each sees what the ones before it changed.
  return {
    count: count(),
    text: text(),
    order: order(),
    nested: nested(),
    distinct: distinct(),
    lists: lists(),
    update: update(),
    upsert: upsert(),
    delete: remove(),
    stream: stream(),
  };
}

// No name of the file has a character beyond the basic plane, so JavaScript's own order is the order by code point.
function compare(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}

type Term = 'name' | 'municipality' | 'district';

/** The names in the order of the terms, those with a minus descending, and then of the ids. */
function sorted(lines: readonly Line[], terms: readonly (Term | `-${Term}`)[]): string[] {
  const read = ({ name, details }: Line, term: string) => ({ name, ...details })[term as Term];
  const inOrder = [...lines].sort((a, b) => {
    for (const term of terms) {
      const descending = term.startsWith('-');
      const path = descending ? term.slice(1) : term;
      const order = compare(read(a, path), read(b, path));
      if (order !== 0) return descending ? -order : order;
    }
    return a.id - b.id;
  });
  return inOrder.map(({ name }) => name);
}

function unique<T extends string | null>(values: readonly T[]): T[] {
  return [...new Set(values)].sort(compare);
}

function shown({ name, details, tags, createdAt, updatedAt }: Line): string {
  return `${name} ${details.population} [${tags}] ${createdAt.toISOString()} ${updatedAt.toISOString()}`;
}
