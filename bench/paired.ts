/** Ways to do the same thing, the first of which is the measure of the others. */
export type Ways = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Runs the ways in turn, round after round, so that what disturbs the machine disturbs all of them, and prints the median time of each, and its ratio to
 * the first in the same round.
 */
export async function paired(title: string, ways: Ways, { rounds = 21, times = 2_000 } = {}): Promise<void> {
  const names = Object.keys(ways);
  const taken = new Map<string, number[]>(names.map((name) => [name, []]));
  const ratios = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    let first = 0;
    for (const name of names) {
      const startedAt = performance.now();
      for (let i = 0; i < times; i++) await ways[name]!();
      const microseconds = ((performance.now() - startedAt) / times) * 1_000;
      if (name === names[0]) first = microseconds;
      // The first rounds are for the compiler.
      if (round < 0) continue;
      taken.get(name)!.push(microseconds);
      ratios.get(name)!.push(microseconds / first);
    }
  }
  console.log(title);
  for (const name of names) {
    const time = median(taken.get(name)!).toFixed(2).padStart(9);
    console.log(`  ${name.padEnd(40)} ${time} us   ${median(ratios.get(name)!).toFixed(3)}`);
  }
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
}
