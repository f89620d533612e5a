import { describe, expect, it } from 'vitest';
import {
  belongsTo,
  belongsToMany,
  entity,
  hasMany,
  integer,
  list,
  MemoryDatabase,
  manyToMany,
  Repository,
  text,
} from '../../../src/index.js';
import type { Command, FindCommand } from '../../../src/query/command.js';
import { noting } from '../../../src/testing/repository-contract/noting.js';

const N = 10_050;
const Row = entity('rows', {
  id: integer().primaryKey(),
  label: text().optional(),
  parentId: integer().optional(),
  peers: list(integer()).optional(),
});
const Link = entity('links', { id: integer().primaryKey(), fromId: integer(), toId: integer() });

describe('more keys than one query takes', () => {
  const sent: Command[] = [];
  const memory = noting(new MemoryDatabase(), (command) => sent.push(command));
  const rows = new Repository(memory, Row);
  const links = new Repository(memory, Link);
  const filled = (async () => {
    const ids = Array.from({ length: N }, (_, i) => i);
    await rows.insertMany(ids.map((id) => ({ id, parentId: N - 1 - id, peers: [id, N - 1 - id] })));
    await links.insertMany(ids.map((id) => ({ id, fromId: id, toId: N - 1 - id })));
  })();

  async function read(include: Parameters<typeof rows.find>[1]) {
    await filled;
    sent.length = 0;
    const found = (await rows.find({}, { orderBy: { id: 'asc' }, ...include })) as unknown as Record<string, any>[];
    return { found, keys: sent.slice(1).map((each) => ((each as FindCommand).values[0] as unknown[]).length) };
  }

  it('are asked for in chunks, and no row is lost or doubled', async () => {
    const one = await read({ include: { parent: belongsTo(rows, 'parentId', { select: ['id'] }) } });
    expect(one.keys).toEqual([10_000, 50]);
    expect(one.found.every((row) => row['parent'].id === N - 1 - row['id'])).toBe(true);
    const many = await read({ include: { children: hasMany(rows, 'parentId', { select: ['id'], limit: 2 }) } });
    expect(many.keys).toEqual([10_000, 50]);
    expect(many.found.every((row) => row['children'].length === 1)).toBe(true);
    const counted = await read({ include: { children: hasMany(rows, 'parentId', { count: true }) } });
    expect(counted.keys).toEqual([10_000, 50]);
    expect(counted.found.every((row) => row['children'] === 1)).toBe(true);
  });

  it('keep the names of one row in one chunk, so that their order is the server’s', async () => {
    const include = { them: belongsToMany(rows, 'peers', { select: ['id'], orderBy: { id: 'desc' } }) };
    const { found } = await read({ include });
    for (const row of found) {
      const ids = row['them'].map((each: { id: number }) => each.id);
      expect(ids).toEqual([...new Set([row['id'], N - 1 - row['id']])].sort((a, b) => b - a));
    }
    const joined = await read({ include: { them: manyToMany(rows, links, 'fromId', 'toId', { select: ['id'] }) } });
    expect(joined.keys).toEqual([10_000, 50, 10_000, 50]);
    expect(joined.found.every((row) => row['them'].length === 1 && row['them'][0].id === N - 1 - row['id'])).toBe(true);
  });
});

describe('the commands of relations', () => {
  it('have one shape for every number of keys and every limit', async () => {
    const shapes = new Set<string>();
    const memory = noting(new MemoryDatabase(), (command) => {
      if (command.kind === 'find' && command.perParent !== undefined) shapes.add(command.shape);
    });
    const rows = new Repository(memory, Row);
    await rows.insertMany([1, 2, 3].map((id) => ({ id, parentId: 1 })));
    for (const limit of [1, 2, 3]) {
      await rows.find({}, { include: { children: hasMany(rows, 'parentId', { limit }) } });
      await rows.find({ id: limit }, { include: { children: hasMany(rows, 'parentId', { limit }) } });
    }
    expect(shapes.size).toBe(1);
  });
});

describe('middleware', () => {
  it('of the related repository sees what relations read, and that of the including one does not', async () => {
    const seen: string[] = [];
    const memory = new MemoryDatabase();
    const parents = new Repository(memory, entity('parents', { id: integer().primaryKey() }), {
      use: [
        (command, next) => {
          seen.push(`parents ${command.kind}`);
          return next(command);
        },
      ],
    });
    const children = new Repository(memory, Row, {
      use: [
        (command, next) => {
          seen.push(`children ${command.kind}`);
          return next(command);
        },
      ],
    });
    await parents.insert({ id: 1 });
    await children.insert({ id: 1, parentId: 1 });
    seen.length = 0;
    const include = { children: hasMany(children, 'parentId'), count: hasMany(children, 'parentId', { count: true }) };
    await parents.find({}, { include });
    expect(seen).toEqual(['parents find', 'children find', 'children group']);
  });
});
