/** What the signals of `AbortSignal.any` were made of, for as long as somebody has them. */
const sources = new WeakMap<AbortSignal, readonly AbortSignal[]>();

/**
 * `AbortSignal.any`, whose sources live as long as it does. Node holds them weakly: an `AbortSignal.timeout` that nobody else holds is collected
 * as garbage, and never aborts.
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const any = AbortSignal.any([...signals]);
  sources.set(any, signals);
  return any;
}
