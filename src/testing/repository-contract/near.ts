import assert from 'node:assert/strict';
import { type ContractCase, labels, law, type Row, refuses } from './kit.js';
import { gte } from './loose.js';

const point = (longitude: number, latitude: number) => ({ type: 'Point', coordinates: [longitude, latitude] });

/** A degree of a great circle, in metres, as it is told. */
const DEGREE = 111_318.845;

const place = (id: number, longitude: number, latitude: number, more: object = {}) => ({
  id,
  label: String(id),
  spot: point(longitude, latitude),
  ...more,
});

const told = (rows: readonly Row[]) => rows.map(({ label, distance }) => [label, distance]);

const cities = [
  place(1, 13.405, 52.52, { label: 'Berlin' }),
  place(2, 2.3522, 48.8566, { label: 'Paris' }),
  place(3, -0.1276, 51.5072, { label: 'London' }),
  place(4, 151.2093, -33.8688, { label: 'Sydney' }),
  place(5, -122.4194, 37.7749, { label: 'San Francisco' }),
];

/** A call that is wrong, and where. */
type Call = readonly [field: unknown, point: unknown, options: object | undefined, ...paths: readonly string[]];

const here = point(1, 2);

const CALLS: readonly Call[] = [
  ['wrong', here, undefined, 'wrong'],
  ['__proto__', here, undefined, '__proto__'],
  [undefined, here, undefined, 'undefined'],
  ['label', here, undefined, 'label'],
  ['inside', here, undefined, 'inside'],
  ['bare', here, undefined, 'bare'],
  ['some', here, undefined, 'some'],
  ['secret', here, undefined, 'secret'],
  ...[undefined, null, 'here', [1, 2], { longitude: 1, latitude: 2 }, point(181, 0), point(0, 90.1)].map(
    (given): Call => ['spot', given, undefined, 'point'],
  ),
  ...[point(Number.NaN, 0), { ...here, type: 'Polygon' }, { $geometry: here }, { ...here, coordinates: ['1', 2] }].map(
    (given): Call => ['spot', given, undefined, 'point'],
  ),
  ...[-1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, {}].flatMap((metres): Call[] => [
    ['spot', here, { maxDistance: metres }, 'maxDistance'],
    ['spot', here, { minDistance: metres }, 'minDistance'],
  ]),
  ['spot', here, { minDistance: 2, maxDistance: 1 }, 'minDistance'],
  ['spot', here, { limit: -1 }, 'limit'],
  ['spot', here, { limit: 1.5 }, 'limit'],
  ['spot', here, { offset: -1 }, 'offset'],
  ['spot', here, { where: { wrong: 1 } }, 'wrong'],
  ['spot', here, { where: null }, ''],
  ['spot', here, { where: { spot: here } }, 'spot'],
  ['spot', here, { select: ['distance'] }, 'select'],
  ['spot', here, { select: ['secret'] }, 'select'],
  ['spot', here, { reveal: ['label'] }, 'reveal'],
  ['spot', here, { deleted: 'all' }, 'deleted'],
  ['spot', here, { orderBy: { label: 'asc' } }, 'orderBy'],
  ['spot', here, { radius: 5 }, 'radius'],
  ['wrong', here, { limit: -1, maxDistance: -1, where: { nothing: 1 } }, 'wrong', 'limit', 'maxDistance', 'nothing'],
];

export const near: readonly ContractCase[] = [
  law('`near` gives rows nearest first, with the metres on the sphere', async (given) => {
    const places = await given.places(...cities);
    assert.deepEqual(told(await places.near('spot', point(13.405, 52.52))), [
      ['Berlin', 0],
      ['Paris', 878_441.193],
      ['London', 932_598.764],
      ['San Francisco', 9_115_352.926],
      ['Sydney', 16_112_436.059],
    ]);
  }),
  law('`near` takes longitude before latitude', async (given) => {
    const places = await given.places(place(1, 80, 10), place(2, 10, 80));
    assert.deepEqual(told(await places.near('spot', point(80, 9))), [
      ['1', DEGREE],
      ['2', (await places.near('spot', point(80, 9), { minDistance: DEGREE + 1 }))[0]!['distance']],
    ]);
    assert.deepEqual(labels(await places.near('spot', point(9, 80))), ['2', '1']);
  }),
  law('`near` goes over the date line', async (given) => {
    const places = await given.places(place(1, 179.5, 0), place(2, -179.5, 0), place(3, 178, 0), place(4, -178, 0));
    const from = async (longitude: number) => told(await places.near('spot', point(longitude, 0), { limit: 3 }));
    assert.deepEqual(await from(179.5), [
      ['1', 0],
      ['2', DEGREE],
      ['3', 166_978.268],
    ]);
    assert.deepEqual(await from(-179.5), [
      ['2', 0],
      ['1', DEGREE],
      ['4', 166_978.268],
    ]);
    assert.deepEqual(await from(180), await from(-180));
    assert.equal((await places.near('spot', point(180, 0), { maxDistance: 60_000 })).length, 2);
  }),
  law('`near` goes over the poles, where every longitude is one place', async (given) => {
    for (const pole of [90, -90]) {
      const off = (degrees: number) => pole - Math.sign(pole) * degrees;
      const places = await given.places(
        place(1, 0, off(1)),
        place(2, 180, off(1)),
        place(3, 90, off(2)),
        place(4, 57, pole),
        place(5, 0, off(40)),
      );
      assert.deepEqual(told(await places.near('spot', point(-123, pole), { limit: 4 })), [
        ['4', 0],
        ['1', DEGREE],
        ['2', DEGREE],
        ['3', 222_637.69],
      ]);
      const across = await places.near('spot', point(0, off(1)), { maxDistance: 2 * DEGREE + 1 });
      assert.deepEqual(labels(across), ['1', '4', '2']);
    }
  }),
  law('`near` measures to the other side of the earth', async (given) => {
    const places = await given.places(place(1, -170, -20), place(2, -170, -20.0001), place(3, 10, 20.001));
    assert.deepEqual(told(await places.near('spot', point(10, 20))), [
      ['3', 111.319],
      ['2', 20_037_380.972],
      ['1', 20_037_392.104],
    ]);
  }),
  law('`near` finds what lies on the other side of the equator', async (given) => {
    const places = await given.places(
      place(1, 30, 0.001),
      place(2, 30, -0.001),
      place(3, 30, -0.0021),
      place(4, 30, 0),
    );
    assert.deepEqual(labels(await places.near('spot', point(30, -0.0004))), ['4', '2', '1', '3']);
    assert.deepEqual(labels(await places.near('spot', point(30, 0.0004), { limit: 2 })), ['4', '1']);
  }),
  law('rows that are equally far come by key, and so do those that a limit cuts', async (given) => {
    const ids = [7, 3, 9, 1, 5, 8, 2, 6, 4];
    const places = await given.places(...ids.map((id) => place(id, 20, 20)), place(0, 20.001, 20), place(10, 19.9, 20));
    const from = (options: object) => places.near('spot', point(20, 20), options).then(labels);
    assert.deepEqual(await from({}), ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '10']);
    for (const limit of [1, 2, 5, 8, 9]) {
      const all = await from({});
      assert.deepEqual(await from({ limit }), all.slice(0, limit));
      assert.deepEqual(await from({ limit, offset: 3 }), all.slice(3, 3 + limit));
    }
    const around = await given.places(place(4, 1, 0), place(3, -1, 0), place(2, 0, 1), place(1, 0, -1));
    assert.deepEqual(labels(await around.near('spot', point(0, 0), { limit: 2 })), ['1', '2']);
  }),
  law(
    '`maxDistance` and `minDistance` are metres, and include the distance that a row is told to have',
    async (given) => {
      const places = await given.places(...cities);
      const from = (options: object) => places.near('spot', point(13.405, 52.52), options).then(labels);
      assert.deepEqual(await from({ maxDistance: 878_441.193 }), ['Berlin', 'Paris']);
      assert.deepEqual(await from({ maxDistance: 878_441.192 }), ['Berlin']);
      assert.deepEqual(await from({ maxDistance: 0 }), ['Berlin']);
      assert.deepEqual(await from({ minDistance: 878_441.193, maxDistance: 932_598.764 }), ['Paris', 'London']);
      assert.deepEqual(await from({ minDistance: 878_441.194, maxDistance: 932_598.763 }), []);
      assert.deepEqual(await from({ minDistance: 16_112_436.059 }), ['Sydney']);
      assert.deepEqual(await from({ minDistance: 0.001, limit: 1 }), ['Paris']);
      assert.deepEqual(await from({ maxDistance: 1e300, limit: 1, offset: 4 }), ['Sydney']);
    },
  ),
  law(
    '`near` leaves out rows without a point, softly deleted rows, and those that its filter leaves out',
    async (given) => {
      const places = await given.places(
        { id: 1, label: 'none' },
        { id: 2, label: 'null', spot: null },
        ...[3, 4, 5, 6].map((id) => place(id, id, id, { rank: id })),
      );
      await places.delete(4);
      const from = (options: object) => places.near('spot', point(0, 0), options).then(labels);
      assert.deepEqual(await from({}), ['3', '5', '6']);
      assert.deepEqual(await from({ deleted: 'with' }), ['3', '4', '5', '6']);
      assert.deepEqual(await from({ deleted: 'only' }), ['4']);
      assert.deepEqual(await from({ where: { rank: gte(4) } }), ['5', '6']);
      assert.deepEqual(await from({ where: { rank: gte(4) }, limit: 1 }), ['5']);
      assert.deepEqual(await from({ where: { rank: 99 } }), []);
    },
  ),
  law('`near` looks at points inside objects', async (given) => {
    const places = await given.places(
      { id: 1, label: 'a', inside: { spot: point(5, 5) } },
      { id: 2, label: 'b', inside: { spot: point(4, 4) }, spot: point(5, 5) },
      { id: 3, label: 'c', inside: { note: 'x' } },
      { id: 4, label: 'd', inside: null },
    );
    assert.deepEqual(labels(await places.near('inside.spot', point(4, 4))), ['b', 'a']);
  }),
  law('`near` gives 20 rows, unless `limit` says otherwise, behind those of `offset`', async (given) => {
    const places = await given.places(...Array.from({ length: 25 }, (_, i) => place(i, i / 10, 0)));
    const from = async (options?: object) => (await places.near('spot', point(0, 0), options)).map(({ id }) => id);
    const all = Array.from({ length: 25 }, (_, i) => i);
    assert.deepEqual(await from(), all.slice(0, 20));
    assert.deepEqual(await from({ limit: 100 }), all);
    assert.deepEqual(await from({ limit: 3, offset: 4 }), [4, 5, 6]);
    assert.deepEqual(await from({ limit: 9, offset: 20 }), all.slice(20));
    assert.deepEqual(await from({ offset: 25 }), []);
    assert.deepEqual(await from({ limit: 0 }), []);
  }),
  law(
    '`near` gives what `select` and `reveal` name, and always the distance, which no computed field sees',
    async (given) => {
      const places = await given.places(place(1, 1, 0, { code: 'x', inside: { note: 'n' } }));
      const [whole] = await places.near('spot', point(0, 0));
      const names = 'bare,deletedAt,id,inside,label,rank,some,spot';
      assert.deepEqual(whole, { ...(await places.get(1)), distance: DEGREE });
      assert.equal((whole as Row)['names'], names);
      const chosen = async (options: object) => (await places.near('spot', point(0, 0), options))[0];
      assert.deepEqual(await chosen({ select: ['label'] }), { label: '1', distance: DEGREE });
      assert.deepEqual(await chosen({ select: ['inside.note', 'id'] }), {
        id: 1,
        inside: { note: 'n' },
        distance: DEGREE,
      });
      assert.deepEqual(await chosen({ select: ['names'], reveal: ['code'] }), { names, code: 'x', distance: DEGREE });
      assert.deepEqual(await chosen({ select: [] }), { distance: DEGREE });
    },
  ),
  law('`near` inside a transaction sees what it wrote, and a read-only one takes it', async (given) => {
    const places = await given.places(place(1, 1, 0));
    const from = () => places.near('spot', point(0, 0)).then(labels);
    await given.database.transaction(async () => {
      await places.insert(place(2, 0.5, 0));
      await places.update(1, { spot: point(0.1, 0) });
      assert.deepEqual(await from(), ['1', '2']);
    });
    assert.deepEqual(await given.database.transaction(from, { readOnly: true }), ['1', '2']);
  }),
  law('a `near` that does not fit is refused, with its path, before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Place');
    for (const [field, from, options, ...paths] of CALLS) {
      await refuses(() => verbs.near(field, from, options), ...paths).catch((error: Error) => {
        throw new assert.AssertionError({ message: `${JSON.stringify([field, from, options])}: ${error.message}` });
      });
    }
    const spans = given.watched('Span');
    await refuses(() => spans.verbs.near('spot', here), 'distance');
    assert.equal(sent.length + spans.sent.length, 0);
  }),
];
