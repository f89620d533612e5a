import fc from 'fast-check';
import {
  and,
  anyOf,
  contains,
  entity,
  enumOf,
  gte,
  has,
  hasAny,
  index,
  integer,
  isNotNull,
  isNull,
  type ListRules,
  list,
  lt,
  MemoryDatabase,
  ne,
  noneOf,
  object,
  parseListQuery,
  Repository,
  startsWith,
  text,
  timestamps,
  uuid,
  ValidationError,
} from 'trivet';
import { describe, expect, it, test } from 'vitest';
import { parseWhere } from '../../../src/query/parse-where.js';
import { parsing, Thing } from './entities.js';

const EVERY = {
  filter: [
    'id',
    'name',
    'title',
    'kind',
    'age',
    'score',
    'total',
    'price',
    'active',
    'seenAt',
    'tags',
    'notes',
    'place',
    'profile.city',
  ],
  sort: ['name', 'age', 'createdAt', 'profile.city'],
  fields: ['id', 'name', 'profile.city'],
  search: true,
  maxLimit: 100,
} as const satisfies ListRules<typeof Thing, unknown>;

/** What a filter means, so that two can be compared. */
function meaning(where: unknown) {
  const each = parsing();
  const clause = parseWhere(each, where);
  expect(each.issues).toEqual([]);
  return { clause, values: each.values };
}

function refusals(query: unknown, rules: object = EVERY): Record<string, string> {
  try {
    parseListQuery(Thing, query as string, rules as typeof EVERY);
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return Object.fromEntries((error as ValidationError).issues.map((issue) => [issue.path, issue.message]));
  }
  return {};
}

const ID = '00000000-0000-4000-8000-00000000000A';

describe('a parameter becomes a condition of its field', () => {
  test.each<readonly [string, unknown]>([
    ['', {}],
    ['?', {}],
    ['kind=a', { kind: 'a' }],
    ['kind[eq]=a', { kind: 'a' }],
    ['kind[ne]=a', { kind: ne('a') }],
    ['kind[in]=a,b', { kind: anyOf('a', 'b') }],
    ['kind[in]=a&kind[in]=b', { kind: anyOf('a', 'b') }],
    ['kind[in][]=a&kind[in][]=b', { kind: anyOf('a', 'b') }],
    ['kind[in][0]=a&kind[in][1]=b', { kind: anyOf('a', 'b') }],
    ['kind[notIn]=a', { kind: noneOf('a') }],
    ['name[in][]=a,b', { name: anyOf('a,b') }],
    ['name[in]=a,b&name[in]=c', { name: anyOf('a,b', 'c') }],
    ['name=A%20B', { name: 'a b' }],
    ['name=null', { name: 'null' }],
    ['name=', { name: '' }],
    ['name[startsWith]=a%25', { name: startsWith('a%') }],
    ['age[gte]=18&age[lt]=65', and<typeof Thing>({ age: gte(18) }, { age: lt(65) })],
    ['age[gte]=18&kind=b&age[lt]=-65', and<typeof Thing>({ age: gte(18) }, { kind: 'b' }, { age: lt(-65) })],
    ['age[null]=true', { age: isNull() }],
    ['age[null]=false', { age: isNotNull() }],
    ['place[null]=true', { place: isNull() }],
    ['score=-1.5e3', { score: -1500 }],
    ['total[gte]=9223372036854775807', { total: gte(9223372036854775807n) }],
    ['price=1.50', { price: '1.5' }],
    ['active=false', { active: false }],
    ['seenAt[gte]=2024-02-29T10:00:00.5Z', { seenAt: gte(new Date('2024-02-29T10:00:00.500Z')) }],
    ['seenAt[gte]=2024-02-29T10:00:00%2B02:00', { seenAt: gte(new Date('2024-02-29T08:00:00Z')) }],
    ['seenAt[lt]=2024-03-01', { seenAt: lt(new Date('2024-03-01T00:00:00Z')) }],
    [`id=${ID}`, { id: ID.toLowerCase() }],
    ['tags[has]=x', { tags: has('x') }],
    ['notes[hasAny]=x,y', { notes: hasAny('x', 'y') }],
    ['profile.city=x', { 'profile.city': 'x' }],
  ])('%s', (query, where) => {
    const got = parseListQuery(Thing, query, EVERY);
    expect(meaning(got.where)).toEqual(meaning(where));
    expect(meaning(parseListQuery(Thing, new URLSearchParams(query), EVERY).where)).toEqual(meaning(where));
  });

  test.each<readonly [object, unknown]>([
    [{ age: { gte: '18', lt: '65' } }, and<typeof Thing>({ age: gte(18) }, { age: lt(65) })],
    [{ 'age[gte]': '18', 'age[lt]': '65' }, and<typeof Thing>({ age: gte(18) }, { age: lt(65) })],
    [{ kind: { in: ['a', 'b'] } }, { kind: anyOf('a', 'b') }],
    [{ 'kind[in]': ['a', 'b'] }, { kind: anyOf('a', 'b') }],
    [{ name: { in: ['a,b'] } }, { name: anyOf('a,b') }],
    [{ kind: { in: 'a,b' } }, { kind: anyOf('a', 'b') }],
    [{ kind: 'a', age: undefined }, { kind: 'a' }],
    [Object.assign(Object.create(null), { kind: 'a' }), { kind: 'a' }],
    [Object.assign(Object.create({ active: 'false' }), { kind: 'a' }), { kind: 'a' }],
  ])('of a parsed query, %j', (query, where) => {
    expect(meaning(parseListQuery(Thing, query as Record<string, unknown>, EVERY).where)).toEqual(meaning(where));
  });

  it('only where the rules name its operator', () => {
    const rules = { filter: { name: ['contains'], age: ['gte'], kind: [] }, maxLimit: 10 } as const;
    expect(meaning(parseListQuery(Thing, 'name[contains]=an', rules).where)).toEqual(meaning({ name: contains('an') }));
    expect(refusals('name=an&age=1&age[lt]=2&kind=a&kind[in]=a', rules)).toEqual({
      name: 'has no such operator here; `name` takes contains',
      age: 'has no such operator here; `age` takes gte',
      'age[lt]': 'has no such operator here; `age` takes gte',
      kind: 'has no such operator here; `kind` takes ',
      'kind[in]': 'has no such operator here; `kind` takes ',
    });
  });

  it('never by `contains` or `endsWith` where the rules name only the field', () => {
    expect(Object.keys(refusals('name[contains]=a&name[endsWith]=a&name[startsWith]=a'))).toEqual([
      'name[contains]',
      'name[endsWith]',
    ]);
  });
});

describe('order, page, fields and words', () => {
  it('have defaults, and stay within the bounds', () => {
    expect(parseListQuery(Thing, '', { maxLimit: 100 })).toMatchObject({
      where: {},
      orderBy: {},
      limit: 20,
      offset: 0,
      page: 1,
    });
    expect(parseListQuery(Thing, '', { maxLimit: 5 }).limit).toBe(5);
    expect(parseListQuery(Thing, '', { maxLimit: 50, defaultLimit: 7 }).limit).toBe(7);
    expect(parseListQuery(Thing, '', { maxLimit: 50 })).not.toHaveProperty('select');
    expect(parseListQuery(Thing, '', { maxLimit: 50 })).not.toHaveProperty('search');
  });

  it('are read', () => {
    const got = parseListQuery(Thing, '?sort=-createdAt,name&page=3&limit=20&q=%20word%20&fields=id,name', EVERY);
    expect(Object.entries(got.orderBy)).toEqual([
      ['createdAt', 'desc'],
      ['name', 'asc'],
    ]);
    expect(got).toMatchObject({ limit: 20, offset: 40, page: 3, select: ['id', 'name'], search: 'word' });
    expect(parseListQuery(Thing, 'q=%20', EVERY)).not.toHaveProperty('search');
  });

  it('select every field that the rules name when the client names none', () => {
    expect(parseListQuery(Thing, '', EVERY).select).toEqual(['id', 'name', 'profile.city']);
  });

  it('leave `[eq]` for a field of the same name', () => {
    const Book = entity('books', { id: uuid().primaryKey(), page: integer() });
    const got = parseListQuery(Book, 'page[eq]=7&page=2', { filter: ['page'], maxLimit: 10 });
    expect(got).toMatchObject({ page: 2, where: { page: 7 } });
  });

  test.each<readonly [string, string]>([
    ['page=0', 'page'],
    ['page=-1', 'page'],
    ['page=1.5', 'page'],
    ['page=1e3', 'page'],
    ['page=', 'page'],
    ['page=9999999999', 'page'],
    ['page=1&page=2', 'page'],
    ['page[]=1', 'page'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['sort=', 'sort'],
    ['sort=wrong', 'sort'],
    ['sort=-', 'sort'],
    ['sort=--name', 'sort'],
    ['sort=name,-name', 'sort'],
    ['sort=__proto__', 'sort'],
    ['sort=kind', 'sort'],
    ['fields=', 'fields'],
    ['fields=kind', 'fields'],
    ['fields=id,id', 'fields'],
    ['fields=constructor', 'fields'],
    [`q=${'x'.repeat(1_001)}`, 'q'],
    ['q=%00', 'q'],
  ])('%s is refused', (query, path) => {
    expect(Object.keys(refusals(query))).toEqual([path]);
  });

  it('are unknown where the rules do not offer them', () => {
    const rules = { maxLimit: 10 };
    expect(refusals('sort=name&q=x&fields=id', rules)).toEqual({
      sort: 'is no parameter here',
      q: 'is no parameter here',
      fields: 'is no parameter here',
    });
  });
});

describe('is refused with the name of the parameter', () => {
  test.each<readonly [string, unknown, ...string[]]>([
    ['an unknown parameter', 'wrong=1', 'wrong'],
    ['a field that the rules do not name', 'bytes=1&createdAt=2024-01-01', 'bytes', 'createdAt'],
    ['an operator that is none', 'age[$gt]=1&age[gt ]=1', 'age[$gt]', 'age[gt ]'],
    ['an operator of another kind', 'kind[gt]=a&tags=x&tags[gte]=x', 'kind[gt]', 'tags', 'tags[gte]'],
    ['an operator from a prototype', 'age[constructor]=1&age[__proto__]=1', 'age[constructor]', 'age[__proto__]'],
    ['a parameter from a prototype', '__proto__=1&constructor=1&toString=1', '__proto__', 'constructor', 'toString'],
    ['a prototype in JSON', JSON.parse('{"__proto__":{"gte":"1"}}'), '__proto__[gte]'],
    ['a repeated scalar', 'age=1&age=2', 'age'],
    ['a scalar as a list', 'age[]=1', 'age'],
    ['the same test twice', 'age=1&age[eq]=2', 'age[eq]'],
    ['brackets in brackets', 'age[gte][x]=1', 'age[gte][x]'],
    ['brackets without a name', '[gte]=1&age[=1&age]=1', '[gte]', 'age[', 'age]'],
    ['a nested object', { age: { gte: { $gt: 1 } } }, 'age[gte]'],
    ['a number that is no text', { age: 1, kind: null }, 'age', 'kind'],
    ['an object inside a list', { kind: { in: ['a', { b: 1 }] } }, 'kind[in]'],
    ['text for an integer', 'age=x&age[gte]=&age[lt]=1e3&age[gt]=0x1', 'age', 'age[gte]', 'age[lt]', 'age[gt]'],
    ['an integer past 2^53', 'age=9007199254740993', 'age'],
    ['a bigint past 64 bits', 'total=9223372036854775808', 'total'],
    ['a number that is none', 'score=NaN&score[gt]=Infinity&score[lt]=1e999', 'score', 'score[gt]', 'score[lt]'],
    ['a decimal of too many digits', 'price=123456789.00', 'price'],
    ['a boolean by another name', 'active=1', 'active'],
    ['a choice that is none', 'kind=c&kind[in]=a,c', 'kind', 'kind[in]'],
    ['a moment without a zone', 'seenAt=2024-01-01T00:00:00', 'seenAt'],
    ['a moment of a + that became a blank', 'seenAt=2024-01-01T00:00:00+02:00', 'seenAt'],
    ['a day that is none', 'seenAt=2024-02-30&seenAt[lt]=2023-02-29T00:00:00Z', 'seenAt', 'seenAt[lt]'],
    ['an id that is none', 'id=1', 'id'],
    ['null by another name', 'age[null]=1', 'age[null]'],
    ['null of a field that has a value', 'kind[null]=true', 'kind[null]'],
    ['NUL', 'name=%00', 'name'],
    ['half a surrogate', { name: '\ud800' }, 'name'],
    ['a value that is too long', `name=${'x'.repeat(1_001)}`, 'name'],
    ['too many values', `kind[in]=${'a,'.repeat(50)}a`, 'kind[in]'],
    ['too many values, repeated', 'kind[in]=a&'.repeat(51), 'kind[in]'],
    ['too many parameters', Array.from({ length: 101 }, (_, i) => `x${i}=1`).join('&'), ''],
    ['a query that is too long', `name=${'x'.repeat(70_000)}`, ''],
    ['a list that is too long', { kind: { in: Array.from({ length: 40_000 }, () => 'a') } }, ''],
    ['what is no query', null, ''],
    ['a list', ['age=1'], ''],
  ])('%s', (_name, query, ...paths) => {
    expect(Object.keys(refusals(query))).toEqual(paths);
  });

  it('all of it at once, and never with the value', () => {
    const got = refusals('age=s3cret&kind=s3cret&limit=s3cret&seenAt=s3cret&name[contains]=s3cret&x=s3cret');
    expect(Object.keys(got).sort()).toEqual(['age', 'kind', 'limit', 'name[contains]', 'seenAt', 'x']);
    expect(JSON.stringify(got)).not.toContain('s3cret');
  });

  it('with the name that was meant', () => {
    expect(refusals('agee=1')).toEqual({ agee: 'is no parameter here; did you mean `age`?' });
  });
});

describe('rules are checked as the code that they are', () => {
  const Secret = entity('secrets', {
    id: uuid().primaryKey(),
    token: text().hidden(),
    name: text(),
    data: list(text()),
  });
  test.each<readonly [string, object, string]>([
    ['a hidden field to filter by', { filter: ['token'] }, '`token` in `filter` is hidden'],
    ['a hidden field and its operators', { filter: { token: ['eq'] } }, '`token` in `filter` is hidden'],
    ['a hidden field to sort by', { sort: ['token'] }, '`token` in `sort` is hidden'],
    ['a hidden field to read', { fields: ['token'] }, '`token` in `fields` is hidden'],
    ['a field that is none', { filter: ['nam'] }, 'did you mean `name`?'],
    ['an operator that the field has not', { filter: { name: ['has'] } }, '`name` in `filter` has no `has`'],
    ['an operator that is none', { filter: { name: ['$eq'] } }, '`name` in `filter` has no `$eq`'],
    ['null of a field that has a value', { filter: { name: ['null'] } }, '`name` in `filter` has no `null`'],
    ['an order that is none', { sort: ['data'] }, 'which has no order'],
    ['a filter that is no list', { filter: 'name' }, 'Expected `filter`'],
    ['fields that are none', { fields: [] }, 'Expected `fields`'],
    ['a search that is none', { search: ['name'] }, 'Expected `search`'],
    ['a limit that is none', { maxLimit: 0 }, 'Expected `maxLimit`'],
    ['a default over the bound', { defaultLimit: 11 }, 'Expected `defaultLimit`'],
    ['a rule that is none', { filters: [] }, 'Unknown rule `filters`'],
  ])('%s', (_name, rules, message) => {
    const call = () => parseListQuery(Secret, '', { maxLimit: 10, ...rules } as never);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });
});

describe('a list is the options of a read', () => {
  const User = entity(
    'users',
    { id: uuid().primaryKey(), name: text().max(50), age: integer(), role: enumOf('a', 'b'), ...timestamps() },
    { indexes: [index('name')] },
  );
  const rules = { filter: ['role', 'age'], sort: ['age'], fields: ['name', 'age'], maxLimit: 2 } as const;
  const users = async () => {
    const repository = new Repository(new MemoryDatabase(), User);
    await repository.insertMany([1, 2, 3, 4, 5].map((age) => ({ name: `n${age}`, age, role: age === 1 ? 'a' : 'b' })));
    return repository;
  };

  it('and gives its page', async () => {
    const repository = await users();
    const page = parseListQuery(User, 'role=b&sort=-age&page=2', rules);
    const rows = await repository.find(page.where, page);
    expect(rows).toEqual([
      { name: 'n3', age: 3 },
      { name: 'n2', age: 2 },
    ]);
    expect(rows[0]!.name).toBe('n3');
    expect(await repository.count(page.where)).toBe(4);
    expect(await repository.find(page.where, { ...page, limit: 1, timeout: '5s' })).toHaveLength(1);
  });

  it('but a misspelt option beside it, and words that no read would look for, are refused', async () => {
    const repository = await users();
    const page = parseListQuery(User, 'q=x', { search: true, maxLimit: 2 });
    await expect(repository.find(page.where, page)).rejects.toThrow('`search` is no option of this verb');
    const plain = parseListQuery(User, '', rules);
    await expect(repository.find(plain.where, { ...plain, limt: 1 } as object)).rejects.toThrow(
      '`limt` is no option of this verb; did you mean `limit`?',
    );
    await expect(repository.find(plain.where, { skip: 1 } as object)).rejects.toThrow(
      '`skip` is no option of this verb: it takes signal, timeout, deleted, select, reveal, include, orderBy, limit, offset',
    );
  });

  it('but not of a write, which would change more than the page', async () => {
    const repository = await users();
    const page = parseListQuery(User, 'role=b', rules);
    await expect(repository.deleteMany(page.where as { role: 'b' }, page as object)).rejects.toThrow(
      '`limit` is no option of this verb',
    );
    expect(await repository.count()).toBe(5);
  });
});

describe('a list that asks for a page by its number', () => {
  const Note = entity('notes', { id: uuid().primaryKey() });
  const repository = new Repository(new MemoryDatabase(), Note);
  const pageOf = (query: string) => {
    const list = parseListQuery(Note, query, { maxLimit: 50 });
    return repository.paginateByCursor(list.where, list);
  };

  it('is refused by `paginateByCursor`, which would give the first page again and again', async () => {
    await expect(pageOf('page=2')).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'page' }] });
    await expect(pageOf('page=2')).rejects.toThrow('follow `next`, or use `paginate`');
  });

  it('is taken where that is the first', async () => {
    for (const query of ['', 'page=1', 'limit=5&page=1'])
      expect(await pageOf(query)).toEqual({ rows: [], next: null, previous: null });
  });
});

describe('whatever the query, there is a list or a ValidationError', () => {
  const Guarded = entity('guarded', {
    id: uuid().primaryKey(),
    age: integer().optional(),
    name: text(),
    secret: text().hidden(),
    tags: list(text()),
    deep: object({ note: text().optional() }),
    ...timestamps(),
  });
  const rules: ListRules<typeof Guarded, 'id' | 'name'> = {
    filter: {
      age: ['eq', 'gte', 'in', 'null'],
      name: ['eq', 'contains'],
      tags: ['has', 'hasAny'],
      'deep.note': ['eq'],
    },
    sort: ['age'],
    fields: ['id', 'name'],
    maxLimit: 10,
  };
  const allowed = new Set(['age', 'name', 'tags', 'deep.note']);
  const repository = new Repository(new MemoryDatabase(), Guarded);

  async function check(query: unknown): Promise<void> {
    let got: ReturnType<typeof parseListQuery<typeof Guarded, 'id' | 'name'>>;
    try {
      got = parseListQuery(Guarded, query as string, rules);
    } catch (error) {
      expect(error).toBeInstanceOf(ValidationError);
      expect((error as ValidationError).issues.every(({ path }) => path.length <= 100)).toBe(true);
      return;
    }
    const each = { entity: Guarded['~model'], values: [], issues: [] };
    const named = JSON.stringify(parseWhere(each, got.where)).matchAll(/"path":"([^"]*)"/g);
    for (const [, path] of named) if (!path!.endsWith('[]')) expect(allowed).toContain(path);
    expect(Object.keys(got.orderBy).every((path) => path === 'age')).toBe(true);
    expect(got.limit).toBeLessThanOrEqual(10);
    expect(await repository.find(got.where, got)).toEqual([]);
  }

  const names = ['age', 'name', 'tags', 'deep.note', 'deep', 'secret', 'id', 'sort', 'page', 'limit', 'q', 'fields'];
  const odd = ['__proto__', 'constructor', '~group', '$where', 'secret', 'valueOf', '', ' '];
  const operators = ['eq', 'gte', 'in', 'null', 'contains', 'has', 'hasAny', '$ne', '__proto__', 'and', '', '0'];
  const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, fc.constantFrom(...odd), fc.string());
  const value = fc.oneof(
    fc.constantFrom('1', '-5', 'true', 'false', 'a,b', 'age', '-age', 'id,name', 'null', '%', '%zz', '\0', '\ud800'),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );
  const key = fc
    .tuple(name, fc.option(fc.constantFrom(...operators)), fc.boolean())
    .map(([first, operator, isList]) => `${first}${operator === null ? '' : `[${operator}]`}${isList ? '[]' : ''}`);

  it('as a query string', async () => {
    const pair = fc.tuple(key, value).map(([first, second]) => `${first}=${second}`);
    const query = fc.oneof(
      fc.string(),
      fc.array(pair, { maxLength: 6 }).map((pairs) => pairs.join('&')),
    );
    await fc.assert(fc.asyncProperty(query, check), { numRuns: 1_500 });
  });

  it('as URLSearchParams', async () => {
    const query = fc.array(fc.tuple(key, value), { maxLength: 6 }).map((pairs) => new URLSearchParams(pairs));
    await fc.assert(fc.asyncProperty(query, check), { numRuns: 500 });
  });

  it('as an object of a web framework', async () => {
    const leaf = fc.oneof(value, fc.array(value, { maxLength: 4 }), fc.anything());
    const inner = fc.dictionary(fc.constantFrom(...operators), leaf, { maxKeys: 3 });
    const query = fc.dictionary(key, fc.oneof(leaf, inner), { maxKeys: 6 });
    await fc.assert(fc.asyncProperty(query, check), { numRuns: 1_000 });
    await fc.assert(fc.asyncProperty(fc.anything({ withNullPrototype: true }), check), { numRuns: 500 });
  });
});
