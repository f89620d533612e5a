/** A UTF-16 unit as `%2f`, or `%ud800` where it is no byte: no two give the same text, as long as `%` itself is written so, too. */
export function percentEscape(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < 0x100 ? `%${code.toString(16).padStart(2, '0')}` : `%u${code.toString(16)}`;
}
