import { describe, expect, it } from 'vitest';
import { entity, type GeoPoint, geoPoint, index, integer, object, softDelete, text } from '../../../src/index.js';
import { wantedOf } from '../../../src/postgres/ddl.js';
import { tableOf } from '../../../src/postgres/fields.js';
import { compiled } from './compiled.js';

const Cafe = entity(
  'cafes',
  {
    id: integer().primaryKey(),
    name: text(),
    site: object({ spot: geoPoint().optional() }).optional(),
    ...softDelete(),
  },
  { indexes: [index.geo('site.spot')] },
);

const from = (longitude: number, latitude: number): GeoPoint => ({ type: 'Point', coordinates: [longitude, latitude] });

describe('distances as SQL', () => {
  it('are of the expression that the index has, word for word', async () => {
    const made = wantedOf(tableOf(Cafe['~model'], 'snake')).indexes[0]!.sql;
    const place = /using gist \(\((.*)\)\)$/.exec(made)![1]!;
    const { text: sql } = await compiled(Cafe, (cafes) => cafes.near('site.spot', from(0, 0)));
    expect(place).toMatch(/^point\(case when .* end \+ tand\(45 - abs\(.*\)$/);
    expect(sql).toContain(`${place} as "~place"`);
  });

  it('send every value as a parameter, so that all searches of a shape share a statement', async () => {
    const first = await compiled(Cafe, (cafes) => cafes.near('site.spot', from(13, 52), { where: { name: 'x' } }));
    const options = { where: { name: 'y' }, minDistance: 5, maxDistance: 1_000, limit: 7, offset: 3 };
    const second = await compiled(Cafe, (cafes) => cafes.near('site.spot', from(-180, -90), options));
    expect(second.text).toBe(first.text);
    const { values } = first;
    expect([...values.slice(0, 7), ...values.slice(-2)]).toEqual([
      'x',
      '13',
      '52',
      '0',
      'Infinity',
      '180',
      '20',
      '20',
      '0',
    ]);
    expect(second.values.slice(0, 5)).toEqual(['y', '-180', '-90', '5', '1000']);
    expect(Number(second.values[5])).toBeCloseTo(1_000.001 / 111_318.845, 9);
    expect([second.values[6], ...second.values.slice(-2)]).toEqual(['10', '7', '3']);
  });

  it('see no deleted rows, once, in the rows that all of it looks at', async () => {
    const { text: sql } = await compiled(Cafe, (cafes) => cafes.near('site.spot', from(0, 0), { select: ['name'] }));
    expect(sql.match(/"deleted_at" is null/g)).toHaveLength(1);
    expect(sql).toContain('select "name", "~distance" as "distance" from "~rows"');
    expect(sql).toMatch(/order by "~distance", "id" limit \$\d+::int8 offset \$\d+::int8$/);
  });
});
