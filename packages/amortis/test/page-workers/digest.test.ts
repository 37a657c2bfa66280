/** Node and a browser simulate the same bits; `page-workers.browser.test.ts` has workers do it as well. */
import { expect, it } from "vitest";
import { inWorkers, serveSimulations, simulate } from "../../src/index.js";
import { digestOf, SPRING_DIGEST } from "./digest.js";
import { spring } from "./models.js";

it("simulates the same bits everywhere", async () => {
  expect(digestOf(await simulate(spring, { simulations: 300, seed: 11 }))).toBe(SPRING_DIGEST);
});

it("has no web workers outside of a worker", async () => {
  expect(() => serveSimulations(spring)).toThrow(/is for the module of a web worker/);
  // Node heeds the module alone.
  const model = inWorkers(spring, () => {
    throw new Error("started");
  });
  const made = await simulate(model, { simulations: 300, seed: 11 });
  expect(digestOf(made)).toBe(SPRING_DIGEST);
});
