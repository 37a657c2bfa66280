import { expect, test } from "vitest";
import { sideBySide } from "../src/side-by-side.js";

/** A promise, and what fulfils it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

test("as many pieces as are allowed are under way at once, begun in order", async () => {
  let under = 0;
  let most = 0;
  const begun: number[] = [];
  const made = await sideBySide(5, 2, async (k) => {
    begun.push(k);
    most = Math.max(most, ++under);
    await Promise.resolve();
    under--;
    return k * k;
  });
  expect(made).toEqual([0, 1, 4, 9, 16]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
});

test("a failure stops the others, which end before it is thrown", async () => {
  const stopped = gate();
  const ended: number[] = [];
  const failed = sideBySide(4, 2, async (k, stop) => {
    if (k === 0) throw new Error("the first");
    stop.addEventListener("abort", stopped.open);
    if (!stop.aborted) await stopped.passed;
    ended.push(k);
    throw new Error("a later one");
  });
  await expect(failed).rejects.toThrow("the first");
  expect(ended).toEqual([1]);
});

test("a signal lets none begin that has not", async () => {
  const controller = new AbortController();
  const made = await sideBySide(
    4,
    1,
    async (k) => {
      if (k === 1) controller.abort();
      return Promise.resolve(k);
    },
    controller.signal,
  );
  expect(made).toEqual([0, 1]);
});
