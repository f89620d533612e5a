import { parseArgs } from 'node:util';
import { chosen } from '../kit/chosen.js';
import { type Effort, FULL, QUICK } from './bench.js';
import { MEASURES } from './measures/index.js';
import type { Measure } from './measures/measure.js';
import type { Peer } from './peer.js';
import { PEERS, slugOf } from './peers/index.js';

export interface Options {
  readonly measures: readonly Measure[];
  readonly peers: readonly Peer[];
  readonly effort: Effort;
  readonly help: boolean;
}

/** @throws Error that says what there is */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [first, ...others] = PEERS;
  return {
    measures: chosen(values.only, MEASURES, ({ name }) => name, 'measure'),
    // The measure of the others is always there.
    peers: [first, ...chosen(values.peers, PEERS, slugOf, 'cache').filter((peer) => others.includes(peer))],
    effort: values.quick ? QUICK : FULL,
    help: values.help,
  };
}

export function helpText(): string {
  const column = (name: string): string => `  ${name.padEnd(20)} `;
  return [
    'npm run bench -- cache [--only MEASURES] [--peers CACHES] [--quick]',
    '',
    'Compares the cache with others, all in one run on one Redis, beside the bare driver. Some minutes, with --quick half of one.',
    '',
    'Measures, all unless --only names some, with commas between them:',
    ...MEASURES.map(({ name, about }) => `${column(name)}${about}`),
    '',
    'Caches, all unless --peers names some; bare ioredis is always there:',
    ...PEERS.map((peer) => `${column(slugOf(peer))}${peer.setup}`),
  ].join('\n');
}
