/**
 * Turns of the event loop, for what computes long in the main thread: interruptions and other work come in between.
 */

/** Milliseconds between turns. */
export const TURN = 100;

/** Resolves after other work of this thread had a turn, without the 4 ms that a browser adds to timers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}
