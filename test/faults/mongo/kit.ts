export { caught } from '../../setup/outcomes.js';

/** The errors that a server away or in trouble may end a call with. */
export const TROUBLE: ReadonlySet<string> = new Set(['CONNECTION', 'POOL_UNAVAILABLE', 'POOL_EXHAUSTED', 'TIMEOUT']);
