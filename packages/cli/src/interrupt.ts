/**
 * Ctrl-C: the first asks for an orderly end, the second ends at once.
 */

/** Listens for interruptions until closed. */
export interface Interruption {
  readonly signal: AbortSignal;
  close(): void;
}

/**
 * Starts listening.
 *
 * @param onInterrupt says what happens now.
 */
export function listenForInterrupt(onInterrupt: () => void): Interruption {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM"] as const;
  const stop = (): void => {
    for (const name of names) process.off(name, handle);
  };
  function handle(): void {
    // The next one has its usual effect.
    stop();
    onInterrupt();
    controller.abort();
  }
  for (const name of names) process.on(name, handle);
  return { signal: controller.signal, close: stop };
}
