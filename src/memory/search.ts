import type { SearchCommand } from '../query/command.js';
import type { SearchTerm } from '../query/search-text.js';
import type { FieldModel, StoredRow } from '../schema/model.js';
import { spaced, wordsOf } from '../util/words.js';
import { rowComparator } from './order.js';
import { reader } from './values.js';

/** A row that holds the terms, and how well. */
export interface Hit {
  readonly row: StoredRow;
  readonly score: number;
}

/** One hit in a field of a weight counts more than any number of hits in one of the next. */
const WEIGHTS = { A: 1, B: 0.4, C: 0.15, D: 0.05 } as const;

/** The rows that hold the terms, the best first. */
export function search(command: SearchCommand, rows: readonly StoredRow[]): Hit[] {
  const { index, fields, terms, limit, offset } = command;
  const parts = index.parts
    .filter(({ field }) => fields.includes(field))
    .map(({ field, weight = 'D' }) => ({ read: textReader(field), weight: WEIGHTS[weight] }));
  const words = new Set(terms.required.flat());
  const byKey = rowComparator(command.entity.key.map((field) => ({ field, direction: 'asc' })));
  const ranked: Hit[] = [];
  for (const row of rows) {
    const texts = parts.map(({ read }) => read(row));
    const holds = (term: SearchTerm): boolean => texts.some((held) => spaced(held).includes(spaced(term)));
    if (!terms.required.every(holds) || terms.excluded.some(holds)) continue;
    let score = 0;
    for (const [i, { weight }] of parts.entries()) {
      for (const word of words) {
        const hits = texts[i]!.filter((each) => each === word).length;
        score += (weight * hits) / (hits + 1);
      }
    }
    ranked.push({ row, score });
  }
  ranked.sort((a, b) => b.score - a.score || (byKey?.(a.row, b.row) ?? 0));
  return ranked.slice(offset, offset + limit);
}

function textReader(field: FieldModel): (row: StoredRow) => string[] {
  const read = reader(field);
  return (row) => wordsOf((read(row) as string | null) ?? '');
}
