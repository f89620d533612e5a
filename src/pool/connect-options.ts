import type { Duration } from '../util/duration.js';

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * `fail-fast`: one attempt each; when one fails, what was opened is closed again. `wait`: tries again until the deadline, except for what
   * cannot get better. `background`: comes back at once, and `readiness()` says when they are open.
   * @default 'fail-fast'
   */
  readonly mode?: 'fail-fast' | 'wait' | 'background' | undefined;
  /** Of `wait`: how long. @default '30s' */
  readonly deadline?: Duration | undefined;
}

export const MODES: readonly ['fail-fast', 'wait', 'background'] = ['fail-fast', 'wait', 'background'];

/** The defaults of `ConnectOptions`. */
export const CONNECT_DEFAULTS: { readonly mode: 'fail-fast'; readonly deadline: Duration } = Object.freeze({
  mode: 'fail-fast',
  deadline: '30s',
});
