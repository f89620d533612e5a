import { describe, expect, it } from 'vitest';
import { distanceBetween, EARTH_RADIUS } from '../../../src/util/sphere.js';

const HALF = Math.round(Math.PI * EARTH_RADIUS * 1000) / 1000;

describe('the distance on the sphere', () => {
  it('is exact to the millimetre for a step and for half of the way around', () => {
    expect(distanceBetween([10, 20], [10, 20])).toBe(0);
    expect(distanceBetween([0, 0], [0, 1e-8])).toBe(0.001);
    expect(distanceBetween([0, 90], [123, -90])).toBe(HALF);
    expect(distanceBetween([-170, -20], [10, 20])).toBe(HALF);
    expect(distanceBetween([-170, -20], [10, 20 + 1e-8])).toBeCloseTo(HALF - 0.001, 3);
  });

  it('is the same both ways and over the date line', () => {
    expect(distanceBetween([179.5, 0], [-179.5, 0])).toBe(distanceBetween([0, 0], [1, 0]));
    expect(distanceBetween([12, 34], [-56, 78])).toBe(distanceBetween([-56, 78], [12, 34]));
    expect(distanceBetween([180, 12], [-180, 12])).toBe(0);
    expect(distanceBetween([77, 90], [-5, 90])).toBe(0);
  });
});
