import { describe, expect, inject, it } from 'vitest';
import { entity, has, index, integer, list, object, softDelete, startsWith, text, uuid } from '../../src/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { commandOf, compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 1 });

const Post = entity(
  'posts',
  {
    id: uuid().primaryKey(),
    title: text().max(100),
    rank: integer().optional(),
    stars: integer(),
    email: text().max(100).unique(),
    tags: list(text().max(20)),
    o: object({
      x: integer().optional(),
      p: object({ y: text().max(50).optional() }).optional(),
      tags: list(text().max(20)).optional(),
    }).optional(),
    ...softDelete(),
  },
  {
    indexes: [
      index('title'),
      index('rank'),
      index({ stars: 'desc' }),
      index('o.x'),
      index('o.p.y'),
      index('tags'),
      index('o.tags'),
    ],
  },
);

/** The plan of a verb's statement, for values that the planner does not see. */
async function planOf(verb: (posts: any) => Promise<unknown>): Promise<string> {
  const { text: statement, values } = compile(await commandOf(Post, verb));
  await database.query('set enable_seqscan = off');
  await database.query('set plan_cache_mode = force_generic_plan');
  await database.query('deallocate all');
  await database.query(`prepare planned as ${statement}`);
  const given = values
    .map((value) => (value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`))
    .join(', ');
  const rows = await database.query<{ 'QUERY PLAN': string }>(
    `explain execute planned${given === '' ? '' : `(${given})`}`,
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

// PGlite keeps statements in a namespace of its own.
describe.skipIf(!inject('postgresReal'))('indexes that ensureSchema makes are used', async () => {
  await database.ensureSchema([Post]);
  await database.query(`insert into posts (id, title, rank, stars, email, tags, o)
    select gen_random_uuid(), 't' || i, nullif(i % 100, 0), i % 500, 'e' || i, array['a' || i % 50], jsonb_build_object('x', i, 'p', jsonb_build_object('y', 'y' || i), 'tags', jsonb_build_array('a' || i % 50))
    from generate_series(1, 20000) i`);
  await database.query('analyze posts');

  const cases: readonly [string, (posts: any) => Promise<unknown>, RegExp][] = [
    [
      'by `startsWith`, under a generic plan',
      (posts) => posts.find({ title: startsWith('t12') }),
      /Index Cond: \(\(title >= .* AND \(title < /,
    ],
    [
      'by an order over a field that can be null, without a sort of the table',
      (posts) => posts.find({}, { orderBy: { rank: 'asc' }, limit: 20 }),
      /Presorted Key: rank[\s\S]*Index Scan using posts_rank_idx/,
    ],
    [
      'by the same order downwards',
      (posts) => posts.find({}, { orderBy: { rank: 'desc' }, limit: 20 }),
      /Presorted Key: rank[\s\S]*Index Scan Backward using posts_rank_idx/,
    ],
    [
      'by an order over a field that is never null',
      (posts) => posts.find({}, { orderBy: { stars: 'desc' }, limit: 20 }),
      /Presorted Key: stars[\s\S]*Index Scan using posts_stars_idx/,
    ],
    [
      'by equality of a unique field among the rows that are not deleted',
      (posts) => posts.findOne({ email: 'e5' }),
      /Index Scan using posts_email_key/,
    ],
    ['by a number inside an object', (posts) => posts.find({ 'o.x': 5 }), /posts_o_x_idx/],
    [
      'by a prefix of a text deeper in an object',
      (posts) => posts.find({ 'o.p.y': startsWith('y12') }),
      /posts_o_p_y_idx/,
    ],
    ['by an item of a list', (posts) => posts.find({ tags: has('a7') }), /posts_tags_idx/],
    ['by an item of a list inside an object', (posts) => posts.find({ 'o.tags': has('a7') }), /posts_o_tags_idx/],
  ];
  for (const [name, verb, plan] of cases) it(name, async () => expect(await planOf(verb)).toMatch(plan));
});
