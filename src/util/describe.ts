/** A value and its type for the message about a wrong option. Never for data, filters or secrets: those are named by their type alone. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return `\`${value}\``;
  if (typeof value === 'string') return `\`'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'\` (string)`;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return `\`${value}\` (${typeof value})`;
  return typeName(value);
}

/** What a value is, without the value: safe in every message. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'object': {
      const name = Object.getPrototypeOf(value)?.constructor?.name;
      return typeof name === 'string' && name !== 'Object' && name !== '' ? `an instance of ${name}` : 'a plain object';
    }
    case 'function':
      return 'a function';
    case 'number':
      return Number.isNaN(value) ? 'not a number' : 'a number';
    default:
      return `a ${typeof value}`;
  }
}

/** What was thrown, as a part of a sentence. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it threw something that is no error';
  const { message } = cause;
  // By hand: `/[.\s]+$/` takes the square of the time where many spaces stand before something else.
  let end = message.length;
  while (end > 0 && /[.\s]/.test(message.charAt(end - 1))) end--;
  return message.slice(0, end);
}
