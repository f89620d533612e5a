import type { Peer } from '../peer.js';
import { asyncCacheDedupe } from './async-cache-dedupe.js';
import { bare } from './bare.js';
import { bentocache } from './bentocache.js';
import { cacheManager } from './cache-manager.js';
import { cacheable } from './cacheable.js';
import { cachified } from './cachified.js';
import { trivet } from './trivet.js';

/** The first is the measure of the others. */
export const PEERS: readonly [Peer, ...Peer[]] = [
  bare,
  trivet,
  bentocache,
  cacheable,
  cacheManager,
  cachified,
  asyncCacheDedupe,
];

/** What it is called in `--peers`, in keys and to processes. */
export function slugOf({ name }: Peer): string {
  return name.replace(/ .*/, '');
}
