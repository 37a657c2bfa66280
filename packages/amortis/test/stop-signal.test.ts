import { expect, test } from "vitest";
import { anySignal, type StopSignal } from "../src/stop-signal.js";

/** A signal that is no AbortSignal by its class, as another realm's is none. */
function foreignSignal(): { readonly signal: StopSignal; readonly abort: (reason: Error) => void } {
  const own = new AbortController();
  return {
    signal: {
      get aborted() {
        return own.signal.aborted;
      },
      get reason(): unknown {
        return own.signal.reason;
      },
      throwIfAborted: () => {
        own.signal.throwIfAborted();
      },
      addEventListener: (type, listener, options) => {
        own.signal.addEventListener(type, listener, options);
      },
      removeEventListener: (type, listener) => {
        own.signal.removeEventListener(type, listener);
      },
    },
    abort: (reason) => {
      own.abort(reason);
    },
  };
}

test("a signal follows any of several, of whatever class they are", () => {
  const closed = new AbortController();
  const foreign = foreignSignal();
  const any = anySignal(foreign.signal, closed.signal);
  expect(any.aborted).toBe(false);
  const reason = new Error("enough");
  foreign.abort(reason);
  expect(any.aborted).toBe(true);
  expect(any.reason).toBe(reason);
  expect(anySignal(foreign.signal, closed.signal).reason).toBe(reason);
});
