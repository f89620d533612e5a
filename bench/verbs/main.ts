import { parseArgs } from 'node:util';
import { type ServerOptions, type StartedServer, startMongo, startPostgres } from 'trivet/testing';
import { chosen } from '../kit/chosen.js';
import { machineText } from '../kit/machine.js';
import { compared, type Taken } from '../kit/paired.js';
import { type Table, tableText } from '../kit/table.js';
import { MEASURES, type Measure } from './measures.js';
import { openMongo } from './mongo.js';
import { FIRST_NEW } from './post.js';
import { openPostgres } from './postgres.js';
import { validate } from './validate.js';
import type { Pair } from './ways.js';

const ENGINES: Readonly<Record<string, Engine>> = {
  postgres: { name: 'PostgreSQL', start: startPostgres, open: openPostgres },
  mongo: { name: 'MongoDB', start: startMongo, open: openMongo },
};

interface Engine {
  readonly name: string;
  start(options: ServerOptions): Promise<StartedServer>;
  open(url: string): Promise<Pair>;
}

interface Options extends Efforts {
  readonly engines: readonly string[];
}

/** What is done, and how often. */
export interface Efforts {
  readonly measures: readonly Measure[];
  readonly rounds: number;
  /** How many times as much as a measure says is done in a round. */
  readonly effort: number;
}

/** Runs what the arguments ask for, and gives the code to exit with. */
export async function main(args: readonly string[], print: (text: string) => void = console.log): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === 'string') {
    print(options);
    return args.includes('--help') || args.includes('-h') ? 0 : 1;
  }
  print(
    [
      machineText(),
      'Each verb beside the call of the raw driver, as the pages of the driver show it, in the same rounds. Medians; ratios are to the driver, and below 1 is faster.',
    ].join('\n'),
  );
  for (const name of options.engines) {
    const engine = ENGINES[name]!;
    await using server = await engine.start({ log: () => {} });
    const pair = await engine.open(server.url);
    try {
      await validate(pair);
      print(`\n${tableText(await measured(`${engine.name} ${server.version}`, pair, options))}`);
    } finally {
      await Promise.allSettled(pair.map((ways) => ways.close()));
    }
  }
  return 0;
}

/** What the measures say of an engine. */
export async function measured(
  title: string,
  [raw, ours]: Pair,
  { measures, rounds, effort }: Efforts,
): Promise<Table> {
  let last = FIRST_NEW;
  const fresh = (): number => last++;
  const rows: Table['rows'][number][] = [];
  for (const measure of measures) {
    const ways = { raw: measure.made(raw, fresh), ours: measure.made(ours, fresh) };
    const taken = await compared(ways, { rounds, times: Math.max(1, Math.round(measure.times * effort)) });
    await raw.clear();
    rows.push({ name: measure.about, cells: cellsOf(taken) });
  }
  return {
    title,
    about: `The driver is \`${raw.name}\`. Processor time is that of this process alone, which is steadier than the time.`,
    columns: ['driver: us', 'trivet: us', 'x driver', 'driver: CPU us', 'trivet: CPU us', 'CPU x driver'],
    rows,
  };
}

function cellsOf([raw, ours]: readonly Taken[]): readonly string[] {
  return [
    raw!.microseconds.toFixed(0),
    ours!.microseconds.toFixed(0),
    ours!.ratio.toFixed(2),
    raw!.cpuMicroseconds.toFixed(0),
    ours!.cpuMicroseconds.toFixed(0),
    ours!.cpuRatio.toFixed(2),
  ];
}

/** What the arguments ask for, or what there is to ask for. */
function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        engines: { type: 'string' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return helpText();
    return {
      engines: chosen(values.engines, Object.keys(ENGINES), (name) => name, 'engine'),
      measures: chosen(values.only, MEASURES, ({ name }) => name, 'measure'),
      rounds: values.quick ? 3 : 21,
      effort: values.quick ? 0.2 : 1,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function helpText(): string {
  return [
    'npm run bench -- verbs [--only MEASURES] [--engines postgres,mongo] [--quick]',
    '',
    'Compares the verbs of a repository with the raw drivers, in one run. Some minutes, with --quick half of one.',
    '',
    'Measures, all unless --only names some, with commas between them:',
    ...MEASURES.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`),
  ].join('\n');
}
