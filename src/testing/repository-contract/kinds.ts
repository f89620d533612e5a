/** Three values of one kind, in their order, under which rows `low`, `middle` and `high` are stored; a row `none` has null. */
export interface KindSample {
  readonly kind: string;
  /** The field of `Sample` that has this kind, at the top; `detail.<field>` has it inside an object. */
  readonly field: string;
  readonly values: readonly [low: unknown, middle: unknown, high: unknown];
  /** Whether `gt` and its relatives, `minimum` and `maximum` take it. */
  readonly ordered: boolean;
}

// The values are chosen so that a comparison of their text, of a rounded number, by locale or by UTF-16 unit gives another order.
export const kinds: readonly KindSample[] = [
  { kind: 'text', field: 'note', values: ['B', '\uff41', '\u{10000}'], ordered: true },
  {
    kind: 'uuid',
    field: 'ref',
    values: [
      '00000000-0000-4000-8000-00000000000a',
      '7fffffff-ffff-4fff-bfff-ffffffffffff',
      '80000000-0000-4000-8000-000000000000',
    ],
    ordered: true,
  },
  { kind: 'enum', field: 'color', values: ['amber', 'blue', 'coral'], ordered: false },
  { kind: 'integer', field: 'count', values: [-10, 9, 2 ** 31], ordered: true },
  { kind: 'real', field: 'ratio', values: [-1e300, 0.1, 0.30000000000000004], ordered: true },
  {
    kind: 'bigint',
    field: 'big',
    values: [-9_223_372_036_854_775_808n, 9_007_199_254_740_992n, 9_007_199_254_740_993n],
    ordered: true,
  },
  {
    kind: 'decimal',
    field: 'amount',
    values: ['9.99', '10.00000000000000000001', '10.00000000000000000002'],
    ordered: true,
  },
  {
    kind: 'timestamp',
    field: 'at',
    values: [
      new Date('0001-01-01T00:00:00.000Z'),
      new Date('2024-02-29T12:34:56.788Z'),
      new Date('2024-02-29T12:34:56.789Z'),
    ],
    ordered: true,
  },
  { kind: 'date', field: 'day', values: ['0999-12-31', '2024-02-29', '2024-10-01'], ordered: true },
];

/** The same kinds at the top and inside an object. */
export const places: readonly (KindSample & { readonly path: string; readonly where: string })[] = kinds.flatMap(
  (each) => [
    { ...each, path: each.field, where: `${named(each.kind)} field` },
    { ...each, path: `detail.${each.field}`, where: `${named(each.kind)} inside an object` },
  ],
);

function named(kind: string): string {
  return /^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
