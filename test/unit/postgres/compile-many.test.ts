import { expect, it } from 'vitest';
import { entity, increment, integer, list, object, push, softDelete, text, uuid } from '../../../src/index.js';
import { compiled } from './compiled.js';

const IDS = ['00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000001'] as const;

const Box = entity('boxes', {
  id: uuid().primaryKey(),
  name: text().max(50).unique(),
  n: integer().optional(),
  tags: list(text()).optional(),
  o: object({ x: integer().optional() }).optional(),
});

it('many updates are one statement, with one parameter for each place, whatever the number of rows', async () => {
  const one = await compiled(Box, (boxes) => boxes.updateEach([{ id: IDS[0], n: increment(1), name: 'a' }]));
  const two = await compiled(Box, (boxes) =>
    boxes.updateEach([
      { id: IDS[0], n: increment(1), name: 'a "b"\\' },
      { id: IDS[1], n: increment(2), name: 'null' },
    ]),
  );
  expect(two.text).toBe(one.text);
  expect(two.text).toBe(
    'update "boxes" set "n" = coalesce("n", 0) + "~each"."~0"::int8, "name" = "~each"."~1"::text ' +
      'from unnest($1::text[], $2::text[], $3::text[]) as "~each"("~0", "~1", "~2") where "id" = "~each"."~2"::uuid',
  );
  expect(two.values).toEqual(['{"1","2"}', '{"a \\"b\\"\\\\","null"}', `{"${IDS[0]}","${IDS[1]}"}`]);
});

it('lists and paths travel as texts of their own', async () => {
  const { text: sql, values } = await compiled(Box, (boxes) =>
    boxes.updateEach([{ id: IDS[0], tags: push('a', 'b c'), 'o.x': 1 }]),
  );
  expect(sql).toContain(`coalesce("tags", '{}') || "~each"."~0"::text[]`);
  expect(sql).toContain(`jsonb_build_object('x', "~each"."~1"::jsonb)`);
  expect(values[0]).toBe('{"{\\"a\\",\\"b c\\"}"}');
});

it('many upserts are one statement that counts, in the order of what they are looked up by', async () => {
  const { text: sql } = await compiled(Box, (boxes) => boxes.upsertMany([{ name: 'a', n: 1 }], { on: 'name' }));
  expect(sql).toMatch(/^with written as \(insert into "boxes" as self /);
  expect(sql).toContain(' order by 2 on conflict ("name") do update set "n" = excluded."n" returning');
  expect(sql).toMatch(
    /select count\(\*\) filter \(where fresh\) as "~inserted", count\(\*\) as "~written" from written$/,
  );
});

it('many upserts leave deleted rows alone', async () => {
  const Soft = entity('softs', { id: uuid().primaryKey(), name: text().max(9).unique(), ...softDelete() });
  const byName = await compiled(Soft, (softs) => softs.upsertMany([{ name: 'a' }], { on: 'name' }));
  expect(byName.text).toContain(
    'on conflict ("name") where "deleted_at" is null do update set "name" = self."name" returning',
  );
  const byKey = await compiled(Soft, (softs) => softs.upsertMany([{ id: IDS[0], name: 'a' }], { on: 'id' }));
  expect(byKey.text).toContain(
    'on conflict ("id") do update set "name" = excluded."name" where self."deleted_at" is null',
  );
});
