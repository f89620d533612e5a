import { readFileSync } from 'node:fs';
import { startRedis } from 'trivet/testing';
import { machineText } from '../kit/machine.js';
import { type Table, tableText } from '../kit/table.js';
import { Bench } from './bench.js';
import { helpText, optionsOf } from './options.js';
import type { Peer } from './peer.js';
import { summaryOf } from './summary.js';

/** Runs what the arguments ask for, and gives the code to exit with. */
export async function main(args: readonly string[], print: (text: string) => void = console.log): Promise<number> {
  let options: ReturnType<typeof optionsOf>;
  try {
    options = optionsOf(args);
  } catch (error) {
    print((error as Error).message);
    return 1;
  }
  if (options.help) {
    print(helpText());
    return 0;
  }
  const { peers, effort, measures } = options;
  const server = await startRedis({ log: () => {} });
  try {
    print(headText(peers, server.version));
    const bench = new Bench(server.url, peers, effort);
    const interrupted = (): void => void bench.interrupt().finally(() => process.exit(130));
    process.once('SIGINT', interrupted);
    try {
      const tables: Table[] = [];
      for (const measure of measures) {
        const made = await measure.run(bench);
        for (const table of made) print(`\n${tableText(table)}`);
        tables.push(...made);
      }
      if (measures.length > 1) print(`\n${tableText(summaryOf(tables))}`);
    } finally {
      process.off('SIGINT', interrupted);
      await bench.close();
    }
  } finally {
    await server.stop();
  }
  return 0;
}

function headText(peers: readonly Peer[], redis: string): string {
  return [
    machineText(`Redis ${redis}`),
    'Times are medians; `x bare` is the median of the ratios to the first row in the same round, for what holds on other machines.',
    '',
    ...peers.map((peer) => `- ${peer.name}${versionOf(peer)}: ${peer.setup}`),
  ].join('\n');
}

function versionOf({ package: name }: Peer): string {
  if (name === null) return '';
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return ` ${(JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version}`;
}
