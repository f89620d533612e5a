export { type Handler, type HealthSource, liveness, type ReadinessOptions, readiness } from './health.js';
