import { describe, expect, it } from 'vitest';
import { compileSearch, searchCommand, termPattern } from '../../../src/mongo/compile-search.js';
import { TRUE } from '../../../src/query/clause.js';
import type { SearchCommand } from '../../../src/query/command.js';
import type { FieldModel } from '../../../src/schema/model.js';
import { bson, field, names, Thing } from './models.js';

const index = Thing.indexes.find(({ kind }) => kind === 'search')!;

function commandOf(terms: SearchCommand['terms'], fields: readonly FieldModel[]): SearchCommand {
  const rest = { where: TRUE, values: [], select: [field('role')], limit: 20, offset: 0 };
  return { kind: 'search', entity: Thing, shape: '', terms, index, fields, ...rest };
}

describe('a search as a find command', () => {
  const all = index.parts.map((part) => part.field);
  const terms = { required: [['red'], ['grey', 'fox']], excluded: [['wolf']] };
  const command = commandOf(terms, all);
  const plan = compileSearch(command, names, bson);
  const find = searchCommand(plan, 'things', command);

  it('has every word in quotes for the index, and a test of the texts for every term', () => {
    const holds = (term: string[]) => {
      const $regex = termPattern(term);
      return { $or: [{ email: { $regex } }, { 'profile.bio': { $regex } }] };
    };
    expect(find['filter']).toEqual({
      $text: { $search: '"red" "grey" "fox"', $language: 'none' },
      $and: [{}, holds(['red']), holds(['grey', 'fox']), { $nor: [holds(['wolf'])] }],
    });
  });

  it('reads the score under a name that no field has, and sorts by it and the key', () => {
    expect(find).toMatchObject({
      find: 'things',
      projection: { role: 1, _id: 0, '~score': { $meta: 'textScore' } },
      limit: 20,
      batchSize: 21,
    });
    expect(JSON.stringify(find['sort'])).toBe('{"~score":{"$meta":"textScore"},"_id":1}');
    expect(find).not.toHaveProperty('skip');
  });

  it('tests only the fields that are looked through', () => {
    const some = commandOf({ required: [['red']], excluded: [] }, [field('email')]);
    const { filter } = searchCommand(compileSearch(some, names, bson), 'things', { ...some, offset: 40 });
    expect(filter).toMatchObject({ $and: [{}, { email: { $regex: termPattern(['red']) } }] });
  });

  it('does not ask the index for words that are marks alone', () => {
    const marked = commandOf({ required: [['a', '\u0301']], excluded: [] }, all);
    expect(searchCommand(plan, 'things', marked)['filter']).toMatchObject({ $text: { $search: '"a"' } });
  });
});

describe('the pattern of a term', () => {
  it('is its words whole, in every case of the letters that fold', () => {
    const pattern = termPattern(['aé1', '中', 'b']);
    expect(pattern).toMatch(/^\(\?<!\[\^.*\]\)\[aA\]\[éÉ\]1\(\[.*\]\+\)中\(\?1\)\[bB\]\(\?!\[\^.*\]\)$/s);
    expect(Buffer.byteLength(termPattern(Array.from({ length: 64 }, () => 'word')))).toBeLessThan(10_000);
    expect(termPattern(['x'])).toContain('\\x{9}-\\x{d}\\x{20}-\\x{2f}');
  });
});
