import {
  bigserial,
  type Change,
  type EntityWith,
  entity,
  gte,
  type Insert,
  integer,
  MemoryDatabase,
  MongoRepository,
  object,
  objectId,
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
