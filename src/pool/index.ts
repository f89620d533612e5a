export { PoolCloseError } from './close.js';
export type { ConnectOptions } from './connect-options.js';
export type { PoolEvents } from './events.js';
export type { HealthReport, HealthStatus, Liveness, PoolHealth, PoolStatus, Pools, Readiness } from './health.js';
export { ConnectionPoolManager } from './manager.js';
export type { HealthCheckOptions, PoolManagerOptions } from './options.js';
export type { ShutdownOptions } from './shutdown.js';
export { PoolStartError } from './start.js';
