const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
// Far beyond what fits 34 digits; keeps `1e9999` from making a text of its length.
const MAX_EXPONENT = 400;

/** Plain decimal text without exponent, leading or trailing zeros, or minus zero; null when `text` is no decimal. */
export function canonicalDecimal(text: string): string | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_EXPONENT) return null;
  let digits = whole + fraction;
  let scale = fraction.length - shift;
  if (scale < 0) {
    digits += '0'.repeat(-scale);
    scale = 0;
  }
  digits = digits.padStart(scale + 1, '0');
  const integer = digits.slice(0, digits.length - scale).replace(/^0+(?=\d)/, '');
  const rest = withoutEndZeros(digits.slice(digits.length - scale));
  const plain = rest === '' ? integer : `${integer}.${rest}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** By hand: `/0+$/` takes the square of the time where many zeros stand before another digit. */
function withoutEndZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

/** Digits of a canonical decimal: all of them, and those behind the point. */
export function decimalDigits(canonical: string): { readonly precision: number; readonly scale: number } {
  const unsigned = canonical.replace('-', '');
  const point = unsigned.indexOf('.');
  const scale = point < 0 ? 0 : unsigned.length - point - 1;
  const digits = unsigned.replace('.', '').replace(/^0+/, '');
  return { precision: Math.max(digits.length, scale, 1), scale };
}

function scaled(canonical: string, scale: number): bigint {
  const point = canonical.indexOf('.');
  if (point < 0) return BigInt(canonical + '0'.repeat(scale));
  return BigInt(canonical.slice(0, point) + canonical.slice(point + 1).padEnd(scale, '0'));
}

/** Compares two canonical decimals by value. */
export function compareDecimal(a: string, b: string): number {
  const scale = Math.max(decimalDigits(a).scale, decimalDigits(b).scale);
  const x = scaled(a, scale);
  const y = scaled(b, scale);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The exact sum of two canonical decimals. */
export function addDecimal(a: string, b: string): string {
  const scale = Math.max(decimalDigits(a).scale, decimalDigits(b).scale);
  const sum = scaled(a, scale) + scaled(b, scale);
  return canonicalDecimal(`${sum}e-${scale}`)!;
}
