import { describe, expect, it } from 'vitest';
import { beginningOf, Zone, zoneName } from '../../../src/util/calendar.js';

describe('the name of a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('may be `%s`', (name) => {
    expect(zoneName(name)).toBe(name);
  });

  it('gets the case of letters that servers want', () => {
    expect(zoneName('america/new_york')).toBe('America/New_York');
  });

  it.each(['', '+02:00', 'Mars/Olympus', 'UTC; drop', '$zone', null, undefined, 1])('is not `%s`', (name) => {
    expect(zoneName(name)).toBeNull();
  });
});

describe('the beginning of a day', () => {
  const at = (zone: string, text: string) =>
    new Date(beginningOf('day', Date.parse(text), new Zone(zone))).toISOString();

  it('is midnight of the zone, in seconds where its clocks went by the sun', () => {
    expect(at('America/New_York', '1800-01-02T12:00:00Z')).toBe('1800-01-02T04:56:02.000Z');
  });

  it('is the first moment where clocks skip midnight', () => {
    expect(at('America/Sao_Paulo', '2018-11-04T12:00:00Z')).toBe('2018-11-04T03:00:00.000Z');
  });

  it('is the second midnight where there are two', () => {
    expect(at('America/Havana', '2024-11-03T12:00:00Z')).toBe('2024-11-03T05:00:00.000Z');
  });
});
