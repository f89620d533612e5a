import type { Logger } from '../core/observer.js';
import type { Emitter } from '../util/emitter.js';
import type { PoolEvents } from './events.js';

/** Writes down what happens. A logger that throws is a listener that throws: it harms nobody. */
export function logTo(logger: Logger, emitter: Emitter<PoolEvents>): void {
  emitter.on('connected', (pool) => logger.info({ pool }, 'connected'));
  emitter.on('reconnected', (pool) => logger.info({ pool }, 'reconnected'));
  emitter.on('disconnected', (pool, { message }) => logger.error({ pool, error: message }, 'disconnected'));
  emitter.on('error', (pool, { message }) => logger.warn({ pool, error: message }, 'connection error'));
  emitter.on('healthChanged', (pool, { status, reason, latencyMs }, before) => {
    const what = { pool, status, before: before.status, reason, latencyMs };
    if (status === 'up') logger.info(what, 'health changed');
    else if (status === 'degraded') logger.warn(what, 'health changed');
    else logger.error(what, 'health changed');
  });
  emitter.on('closed', () => logger.info({}, 'pools closed'));
}
