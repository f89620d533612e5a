/** Of the sphere that stands for the earth, in metres: the one that MongoDB measures on. */
export const EARTH_RADIUS = 6_378_100;

/** In degrees. */
export type Position = readonly [longitude: number, latitude: number];

/**
 * Metres between two positions, to the millimetre: engines compute the same to some nanometres, and so give the same number. Haversine, with
 * the half angle's cosine as a sum too: its own root would lose half of the digits on the other side of the earth.
 */
export function distanceBetween([toLongitude, toLatitude]: Position, [longitude, latitude]: Position): number {
  const across = cos(latitude) * cos(toLatitude);
  const apart = (longitude - toLongitude) / 2;
  const sine = Math.sqrt(sin((latitude - toLatitude) / 2) ** 2 + across * sin(apart) ** 2);
  const cosine = Math.sqrt(sin((latitude + toLatitude) / 2) ** 2 + across * cos(apart) ** 2);
  return Math.round(2000 * EARTH_RADIUS * Math.atan2(sine, cosine)) / 1000;
}

function sin(degrees: number): number {
  return Math.sin((degrees / 180) * Math.PI);
}

function cos(degrees: number): number {
  return Math.cos((degrees / 180) * Math.PI);
}
