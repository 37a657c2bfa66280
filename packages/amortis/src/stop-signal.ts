/**
 * What stops long work: an `AbortSignal`, by what is asked of it.
 *
 * Spelt out, so that the package's types need neither the DOM's nor Node's.
 */

/**
 * What stops long work: an `AbortSignal`, of an `AbortController` or of `AbortSignal.timeout`.
 *
 * @example
 * const controller = new AbortController();
 * const simulations = simulate(field, 100_000, { seed: 1, signal: controller.signal });
 */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A signal that is aborted as soon as any of these is. */
export function anySignal(...signals: readonly StopSignal[]): StopSignal {
  return AbortSignal.any(signals.map(abortSignalOf));
}

/** An AbortSignal; of one that is none by its class, one that follows it. */
function abortSignalOf(signal: StopSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  const follow = (): void => {
    controller.abort(signal.reason);
  };
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller.signal;
}
