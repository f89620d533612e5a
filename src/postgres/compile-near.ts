import type { NearCommand } from '../query/command.js';
import { EARTH_RADIUS } from '../util/sphere.js';
import { columnsOf, orderSql, rootsOf, selectSql } from './compile-read.js';
import { whereSql } from './compile-where.js';
import type { Table } from './fields.js';
import {
  boxOf,
  capSql,
  type Disc,
  distanceSql,
  fromPole,
  imageOf,
  NORTH,
  placeSql,
  SOUTH,
  stepped,
} from './near-sql.js';
import { Parameters, type Plan } from './plans.js';

/** What a cap reaches beyond the distance asked for, in metres: distances are rounded to the millimetre. */
const MARGIN = 0.001;

/**
 * In one statement, and so in one snapshot: on each disc the index gives as many rows as are wanted, in the order of the plane. They are near, though not
 * the nearest; but the nearest lie no further than they, and so in a cap that the index serves as well. Only the rows in it are sorted.
 */
export function compileNear(command: NearCommand, table: Table): Plan<NearCommand> {
  const { field, select, orderBy, where } = command;
  const parameters = new Parameters<NearCommand>();
  const real = (value: (command: NearCommand) => number) => parameters.add((each) => String(value(each)), 'float8');
  const filter = whereSql(where, table, parameters);
  const longitude = real(({ origin }) => stepped(origin)[0]);
  const latitude = real(({ origin }) => stepped(origin)[1]);
  const least = real(({ minDistance }) => minDistance);
  const most = real(({ maxDistance }) => maxDistance);
  const reach = real(({ maxDistance }) => Math.min(180, (((maxDistance + MARGIN) / EARTH_RADIUS) * 180) / Math.PI));
  const enough = parameters.add(({ limit, offset }) => String(limit + offset), 'int8');
  const discs = [NORTH, SOUTH].map((disc) => {
    const angle = real(({ origin }) => fromPole(disc, origin));
    const image = parameters.add(({ origin }) => imageOf(disc, origin), 'point');
    const cap = (size: string) => capSql(disc, longitude, angle, size);
    return { first: firstOn(disc, cap(reach), image, least, enough), cap: cap('"~size"') };
  });
  const all = `select *, ${placeSql(table, field)} as "~place", ${distanceSql(table, field, longitude, latitude)} as "~distance" from ${table.sql} where ${filter}`;
  const nearest = `select "~distance" from (${discs.map(({ first }) => first).join(' union all ')}) "~both" order by 1 limit ${enough}`;
  const size = `select degrees((max("~distance") + ${MARGIN}) / ${EARTH_RADIUS}) as "~size" from (${nearest}) "~nearest"`;
  const within = discs.map(({ cap }) => `"~place" <@ (select ${cap} from "~cap")`).join(' or ');
  const roots = rootsOf(table, select);
  const columns = roots.length === 0 ? '' : `${selectSql(table, roots)}, `;
  const text =
    `with "~rows" as not materialized (${all}), "~cap" as materialized (${size}) ` +
    `select ${columns}"~distance" as "distance" from "~rows" where (${within}) and "~distance" between ${least} and ${most} ` +
    `order by "~distance", ${orderSql(table, orderBy)} ` +
    `limit ${parameters.add(({ limit }) => String(limit), 'int8')} offset ${parameters.add(({ offset }) => String(offset), 'int8')}`;
  return parameters.plan(text, [...columnsOf(roots), { name: 'distance', field: null }]);
}

function firstOn(disc: Disc, cap: string, image: string, least: string, enough: string): string {
  const on = `"~place" <@ ${boxOf(disc)} and "~place" <@ ${cap}`;
  return `(select "~distance" from "~rows" where ${on} and "~distance" >= ${least} order by "~place" <-> ${image} limit ${enough})`;
}
