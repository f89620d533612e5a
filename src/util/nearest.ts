/** The known name that is nearest to a misspelt one, at most a third of its letters away, or undefined. Neighbours that are swapped count once. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const each of known) {
    if (Math.abs(each.length - name.length) >= least) continue;
    const distance = editsBetween(name.toLowerCase(), each.toLowerCase());
    if (distance < least) {
      least = distance;
      best = each;
    }
  }
  return best;
}

/**
 * A sentence about an unknown name, with the name that may have been meant.
 *
 * With `lists`, such as `it takes`, all known names are told where none is near: for short lists.
 */
export function unknownName(name: string, known: Iterable<string>, sentence: string, lists?: string): string {
  const near = nearest(name, known);
  if (near !== undefined) return `${sentence}; did you mean \`${near}\`?`;
  return lists === undefined ? sentence : `${sentence}: ${lists} ${[...known].join(', ')}`;
}

/** How many letters have to be put in, taken out, replaced or swapped with their neighbour (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  let above: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? above[j - 2]! + 1 : replaced;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, swapped));
    }
    above = row;
    row = next;
  }
  return row[b.length]!;
}
