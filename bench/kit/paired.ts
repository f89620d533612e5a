/** Ways to do the same thing, the first of which is the measure of the others. */
export type Ways = Readonly<Record<string, () => Promise<unknown>>>;

/** The medians of one way over all rounds. */
export interface Taken {
  readonly name: string;
  readonly microseconds: number;
  /** To the first way in the same round. */
  readonly ratio: number;
  /** Of this process alone, which is steadier than the time. */
  readonly cpuMicroseconds: number;
  readonly cpuRatio: number;
}

/** How often. */
export interface Repeats {
  readonly rounds?: number;
  readonly times?: number;
}

/** Runs the ways in turn, round after round, so that what disturbs the machine disturbs all of them. */
export async function compared(ways: Ways, { rounds = 21, times = 2_000 }: Repeats = {}): Promise<readonly Taken[]> {
  const names = Object.keys(ways);
  const rows = new Map(names.map((name) => [name, { time: [], ratio: [], cpu: [], cpuRatio: [] } as Samples]));
  // The first rounds are for the compiler.
  for (let round = -2; round < rounds; round++) {
    let first = { time: 0, cpu: 0 };
    for (const name of names) {
      const startedAt = performance.now();
      const before = process.cpuUsage();
      for (let i = 0; i < times; i++) await ways[name]!();
      const used = process.cpuUsage(before);
      const time = ((performance.now() - startedAt) / times) * 1_000;
      const cpu = (used.user + used.system) / times;
      if (name === names[0]) first = { time, cpu };
      if (round < 0) continue;
      const row = rows.get(name)!;
      row.time.push(time);
      row.ratio.push(time / first.time);
      row.cpu.push(cpu);
      row.cpuRatio.push(cpu / first.cpu);
    }
  }
  return names.map((name) => {
    const row = rows.get(name)!;
    return {
      name,
      microseconds: median(row.time),
      ratio: median(row.ratio),
      cpuMicroseconds: median(row.cpu),
      cpuRatio: median(row.cpuRatio),
    };
  });
}

interface Samples {
  readonly time: number[];
  readonly ratio: number[];
  readonly cpu: number[];
  readonly cpuRatio: number[];
}

/** As `compared`, and prints the median time of each, and its ratio to the first. */
export async function paired(title: string, ways: Ways, repeats: Repeats = {}): Promise<void> {
  const taken = await compared(ways, repeats);
  console.log(title);
  for (const { name, microseconds, ratio } of taken)
    console.log(`  ${name.padEnd(40)} ${microseconds.toFixed(2).padStart(9)} us   ${ratio.toFixed(3)}`);
}

export function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
}
