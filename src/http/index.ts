export { HTTP_CACHE_DEFAULTS, type HttpCacheOptions } from './cache-options.js';
export { type Handler, type HealthSource, liveness, type ReadinessOptions, readiness } from './health.js';
export { type HttpMiddleware, httpCache } from './http-cache.js';
export { type ErrorHandler, type ProblemHandlerOptions, problem } from './problem.js';
export { type Problem, type ProblemOptions, problemOf } from './problem-of.js';
export type { NextHandler } from './visit.js';
