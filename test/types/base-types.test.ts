import {
  and,
  bigserial,
  type Change,
  type EntityWith,
  entity,
  fenced,
  gte,
  type Id,
  type Insert,
  integer,
  MemoryDatabase,
  MongoRepository,
  not,
  object,
  objectId,
  or,
  PostgresRepository,
  Repository,
  type Row,
  type Supports,
  softDelete,
  text,
  timestamps,
  uuid,
  versioned,
  type WriteEvent,
} from 'trivet';
import { expect, test } from 'vitest';

// What compiles here is a law, too: `npm run typecheck`.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const owned = { owner: text().max(40), changes: integer().default(0), ...timestamps() };

abstract class Owned<E extends EntityWith<typeof owned>> extends Repository<E> {
  readonly seen: string[] = [];

  latestOf(owner: string) {
    return this.find({ owner, createdAt: gte(new Date(0)) }, { orderBy: { createdAt: 'desc' }, limit: 10 });
  }

  protected override beforeInsert(draft: Insert<E>): Insert<E> {
    return { ...draft, owner: draft.owner.toUpperCase() };
  }

  protected override beforeUpdate(change: Change<E>): Change<E> {
    return { ...change, changes: 1 };
  }

  protected override afterWrite(event: WriteEvent<E>): void {
    for (const { owner } of event.rows) this.seen.push(owner);
  }
}

const Note = entity(
  'notes',
  {
    id: uuid().primaryKey(),
    body: text().max(200),
    deep: object({ a: text() }),
    ...owned,
    ...versioned(),
    ...softDelete(),
  },
  { unique: [['owner', 'body']], search: { body: 'A' }, computed: { length: (note) => note.body.length } },
);
class Notes extends Owned<typeof Note> {
  deep(a: string) {
    return this.find({ 'deep.a': a, owner: 'ANN' });
  }
}

// Groups of filters name the type parameter; versions and fences are taken where the fields have them.
const guarded = { ...owned, ...versioned(), ...fenced() };
abstract class Guarded<E extends EntityWith<typeof guarded>> extends Repository<E> {
  ofOneOrOther(one: string, other: string) {
    return this.find(and<E>(or<E>({ owner: one }, { owner: other }), not<E>({ changes: 7 })), {
      orderBy: { owner: 'asc' },
    });
  }

  give(id: Id<E>, owner: string, version: number, fence: bigint) {
    return this.update(id, { owner }, { version, fence });
  }

  drop(id: Id<E>, fence: bigint) {
    return this.delete(id, { fence });
  }
}
const Paper = entity('papers', { id: uuid().primaryKey(), title: text(), ...guarded });
class Papers extends Guarded<typeof Paper> {}

// Each engine's own repository has room for a base class as well, and so have its own kinds of keys.
abstract class OwnedTable<E extends EntityWith<typeof owned> & Supports<'postgres'>> extends PostgresRepository<E> {
  locked(owner: string) {
    return this.find({ owner }, { lock: 'update' });
  }
}
const Entry = entity('entries', { id: bigserial().primaryKey(), ...owned });
export class Entries extends OwnedTable<typeof Entry> {}
export class NoteRows extends OwnedTable<typeof Note> {}

abstract class OwnedDocuments<E extends EntityWith<typeof owned> & Supports<'mongo'>> extends MongoRepository<E> {
  ofOwner(owner: string) {
    return this.find({ owner });
  }
}
const Event = entity('events', { id: objectId().primaryKey(), ...owned });
export class Events extends OwnedDocuments<typeof Event> {}
export class NoteDocuments extends OwnedDocuments<typeof Note> {}

export const laws: readonly true[] = [
  // Rows are those of the whole entity, not only of the fields that the base class names.
  true satisfies Equal<Awaited<ReturnType<Notes['latestOf']>>, Row<typeof Note>[]>,
  true satisfies Equal<Awaited<ReturnType<Papers['ofOneOrOther']>>, Row<typeof Paper>[]>,
  true satisfies Equal<Awaited<ReturnType<Entries['locked']>>, Row<typeof Entry>[]>,
  true satisfies Equal<Awaited<ReturnType<Events['ofOwner']>>, Row<typeof Event>[]>,
];

test('a base class with a type parameter reads, hooks and writes the fields that it asks for', async () => {
  const notes = new Notes(new MemoryDatabase(), Note);
  const { id } = await notes.insert({ body: 'x', deep: { a: 'b' }, owner: 'ann' });
  await notes.update(id, { body: 'xyz' });
  const [note] = await notes.latestOf('ANN');
  expect(note).toMatchObject({ owner: 'ANN', body: 'xyz', length: 3, changes: 1 });
  expect(await notes.deep('b')).toHaveLength(1);
  expect(notes.seen).toEqual(['ANN', 'ANN']);
});

test('a base class with a type parameter joins filters, and writes under a version and a fence', async () => {
  const papers = new Papers(new MemoryDatabase(), Paper);
  const [first] = await papers.insertMany(['ann', 'bob', 'cid'].map((owner) => ({ title: 'x', owner })));
  expect((await papers.ofOneOrOther('cid', 'ann')).map(({ owner }) => owner)).toEqual(['ann', 'cid']);
  expect(await papers.give(first!.id, 'dan', 1, 5n)).toMatchObject({ owner: 'dan', version: 2, fence: 5n });
  await expect(papers.drop(first!.id, 4n)).rejects.toMatchObject({ code: 'STALE_FENCE' });
});
