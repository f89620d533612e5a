import type { JsonSchema } from 'trivet';

const time = (description: string): JsonSchema => ({
  type: 'string',
  description: `${description} A day or a time of ISO 8601.`,
});

/** `from` and `to`. */
export const frameQuery: Readonly<Record<string, JsonSchema>> = {
  from: time('From then on.'),
  to: time('Before then.'),
};

export const pageQuery: Readonly<Record<string, JsonSchema>> = {
  page: { type: 'integer', minimum: 1, default: 1 },
  limit: { type: 'integer', minimum: 1, maximum: 50 },
};

export const sortQuery = (example: string): JsonSchema => ({
  type: 'string',
  description: `Fields, each with \`-\` before it for the other way round: \`${example}\`.`,
});

export const text: JsonSchema = { type: 'string' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const numberOrNull: JsonSchema = { type: ['number', 'null'] };
