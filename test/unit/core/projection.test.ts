import {
  entity,
  integer,
  MemoryDatabase,
  object,
  Repository,
  softDelete,
  text,
  uuid,
  ValidationError,
  versioned,
} from 'trivet';
import { describe, expect, it } from 'vitest';

const Person = entity(
  'people',
  {
    id: uuid().primaryKey(),
    first: text(),
    last: text(),
    secret: text().hidden().optional(),
    profile: object({ city: text(), zip: text().optional(), deep: object({ n: integer() }).optional() }),
    ...softDelete(),
    ...versioned(),
  },
  {
    computed: {
      full: (person) => `${person.first} ${person.last}`,
      seen: (person) => Object.keys(person).sort().join(),
    },
  },
);

const people = new Repository(new MemoryDatabase(), Person);
const ann = await people.insert({ first: 'Ann', last: 'Lee', secret: 's3', profile: { city: 'Rome', deep: { n: 1 } } });

describe('a read', () => {
  it('gives every field but hidden ones, and the computed ones', async () => {
    expect(await people.get(ann.id)).toEqual({
      id: ann.id,
      first: 'Ann',
      last: 'Lee',
      profile: { city: 'Rome', zip: null, deep: { n: 1 } },
      deletedAt: null,
      version: 1,
      full: 'Ann Lee',
      seen: 'deletedAt,first,full,id,last,profile,version',
    });
    expect(ann).toEqual(await people.get(ann.id));
  });

  it('gives what `select` names, nested paths and computed fields too', async () => {
    const row = await people.findOne({ first: 'Ann' }, { select: ['last', 'profile.city', 'profile.deep.n', 'full'] });
    expect(row).toEqual({ last: 'Lee', profile: { city: 'Rome', deep: { n: 1 } }, full: 'Ann Lee' });
    expect(await people.findOne({}, { select: ['profile', 'profile.city'] })).toEqual({ profile: ann.profile });
  });

  it('gives null for an object that is not there, when a path in it is selected', async () => {
    const bob = await people.insert({ first: 'Bob', last: 'Ray', profile: { city: 'Oslo' } });
    expect(await people.get(bob.id, { select: ['profile.deep.n'] })).toEqual({ profile: { deep: null } });
    await people.delete(bob.id);
  });

  it('gives a hidden field only when it is revealed, and never to a computed one', async () => {
    const row = await people.get(ann.id, { reveal: ['secret'] });
    expect(row.secret).toBe('s3');
    expect(row.seen).not.toContain('secret');
    expect(await people.get(ann.id, { reveal: ['secret'], select: ['seen'] })).toEqual({
      secret: 's3',
      seen: expect.not.stringContaining('secret'),
    });
  });

  it('refuses names that it may not or cannot give', async () => {
    const refused = async (options: object) =>
      people.find({}, options as never).catch((error: ValidationError) => error.issues);
    expect(await refused({ select: ['secret'] })).toEqual([
      { path: 'select', message: '`secret` is hidden: name it in `reveal`' },
    ]);
    expect(await refused({ select: ['fulll'] })).toEqual([
      { path: 'select', message: '`fulll` is no field of `people`; did you mean `full`?' },
    ]);
    expect(await refused({ reveal: ['first'] })).toEqual([
      { path: 'reveal', message: '`first` is no hidden field of `people`' },
    ]);
    expect(await refused({ select: 'first' })).toEqual([{ path: 'select', message: 'must be a list of names' }]);
  });
});

describe('options', () => {
  it.each([
    [{ limt: 3 }, 'limt', /did you mean `limit`/],
    [{ limit: -1 }, 'limit', /integer from 0/],
    [{ limit: 1.5 }, 'limit', /integer from 0/],
    [{ limit: '3' }, 'limit', /integer from 0/],
    [{ offset: Number.NaN }, 'offset', /integer from 0/],
    [{ timeout: 300 }, 'timeout', /^must be a duration such as '30s'/],
    [{ signal: {} }, 'signal', /AbortSignal/],
    [{ deleted: 'include' }, 'deleted', /'with' or 'only'/],
    [{ orderBy: { first: 'up' } }, 'first', /'asc' or 'desc'/],
    [{ orderBy: { secret: 'asc' } }, 'secret', /hidden/],
    [{ orderBy: { profile: 'asc' } }, 'profile', /no order/],
    [{ orderBy: ['first'] }, 'orderBy', /must be an order/],
    [[], '', /plain object/],
  ])('%j is refused by its name', async (options, path, message) => {
    const error = await people.find({}, options as never).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).issues).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it('may be explicitly undefined', async () => {
    const options = {
      limit: undefined,
      offset: undefined,
      orderBy: undefined,
      select: undefined,
      signal: undefined,
      timeout: undefined,
    };
    expect(await people.find({}, options)).toHaveLength(1);
  });
});

describe('`all`', () => {
  it('is asked for by every filter that every row fits, whatever its form', async () => {
    const filters = [{}, undefined, { first: { $ne: 1 } }];
    for (const where of filters)
      await expect(people.deleteMany(where as never)).rejects.toBeInstanceOf(ValidationError);
    await expect(people.updateMany({} as never, { last: 'x' })).rejects.toThrow(/give `\{ all: true \}`/);
    expect(await people.count()).toBe(1);
  });
});
