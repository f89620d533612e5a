import type { FieldModel } from '../schema/model.js';
import { EARTH_RADIUS, type Position } from '../util/sphere.js';
import { pathSql, type Table } from './fields.js';

// The sphere lies on the plane as two discs of radius 1, each hemisphere seen from the opposite pole (a stereographic projection), the southern one
// moved to the side. There is no date line and no pole in it, circles stay circles, and near a point lengths are only scaled: an index of native
// points finds what is near on the sphere.

/** Where the centre of each disc lies on the x axis, and how the latitude counts on it. */
export interface Disc {
  readonly x: number;
  readonly sign: 1 | -1;
}

/** The northern hemisphere. */
export const NORTH: Disc = { x: 0, sign: 1 };
/** The southern hemisphere, moved to the side. */
export const SOUTH: Disc = { x: 16, sign: -1 };

/** The server raises an error where a product of small numbers comes to nothing: a billionth of a millimetre is the least that there is. */
const STEPS = 1e14;

/** Longitude (0) or latitude (1) of a point, in degrees. */
function coordinate(table: Table, field: FieldModel, which: 0 | 1): string {
  return `(round((${pathSql(table, field, 'json')}->'coordinates'->>${which})::float8 * ${STEPS}) / ${STEPS})`;
}

/** A position in the same steps. */
export function stepped([longitude, latitude]: Position): Position {
  return [Math.round(longitude * STEPS) / STEPS, Math.round(latitude * STEPS) / STEPS];
}

/** Where a point lies on the discs: what a geo index holds. */
export function placeSql(table: Table, field: FieldModel): string {
  const longitude = coordinate(table, field, 0);
  const latitude = coordinate(table, field, 1);
  const radius = `tand(45 - abs(${latitude}) / 2)`;
  const centre = `case when ${latitude} < 0 then ${SOUTH.x} else ${NORTH.x} end`;
  return `point(${centre} + ${radius} * cosd(${longitude}), ${radius} * sind(${longitude}))`;
}

/** `distanceBetween` of a point and a position. */
export function distanceSql(table: Table, field: FieldModel, longitude: string, latitude: string): string {
  const [lng, lat] = [coordinate(table, field, 0), coordinate(table, field, 1)];
  const across = `cosd(${lat}) * cosd(${latitude})`;
  const apart = `(${lng} - ${longitude}) / 2`;
  const sine = `sqrt(sind((${lat} - ${latitude}) / 2) ^ 2 + ${across} * sind(${apart}) ^ 2)`;
  const cosine = `sqrt(sind((${lat} + ${latitude}) / 2) ^ 2 + ${across} * cosd(${apart}) ^ 2)`;
  return `round(${2000 * EARTH_RADIUS} * atan2(${sine}, ${cosine})) / 1000`;
}

/** The disc as a box. */
export function boxOf({ x }: Disc): string {
  return `box '((${x - 1.1},-1.1),(${x + 1.1},1.1))'`;
}

/** Degrees from the pole in the middle of a disc. */
export function fromPole({ sign }: Disc, position: Position): number {
  return 90 - sign * stepped(position)[1];
}

/** Where a position lies on a disc and around it. Beyond, where the other pole would be infinitely far, it is only in the right direction. */
export function imageOf(disc: Disc, position: Position): string {
  const radius = Math.tan((Math.min(fromPole(disc, position), 143) / 360) * Math.PI);
  const angle = (stepped(position)[0] / 180) * Math.PI;
  return `(${disc.x + radius * Math.cos(angle)},${radius * Math.sin(angle)})`;
}

/**
 * The circle that is the image of a cap of the sphere: of `size` degrees around a position with `longitude`, `angle` degrees from the pole of the disc.
 * All of the disc where the cap goes around the other pole, null where the cap cannot reach the disc and where its size is null. A little too large, never too small.
 */
export function capSql({ x }: Disc, longitude: string, angle: string, size: string): string {
  const near = `tand((${angle} - ${size}) / 2)`;
  const far = `tand((${angle} + ${size}) / 2)`;
  const middle = `(${far} + ${near}) / 2`;
  const circle = `circle(point(${x} + ${middle} * cosd(${longitude}), ${middle} * sind(${longitude})), (${far} - ${near}) / 2 * (1 + 1e-9) + 1e-12)`;
  return `case when ${angle} - ${size} > 91 then null when ${angle} + ${size} < 179 then ${circle} when ${angle} + ${size} >= 179 then circle '<(${x},0),1.1>' end`;
}
