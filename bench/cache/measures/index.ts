import { invalidation } from './invalidation.js';
import { l1Hit } from './l1-hit.js';
import { l2Hit } from './l2-hit.js';
import type { Measure } from './measure.js';
import { memory } from './memory.js';
import { miss } from './miss.js';
import { stale } from './stale.js';
import { stampede } from './stampede.js';

export const MEASURES: readonly Measure[] = [l1Hit, l2Hit, miss, stampede, invalidation, memory, stale];
