/**
 * Simulators that end the process, throw late, or never return.
 */
import { describe, expect, it } from "vitest";
import { uniform } from "../../src/distributions/index.js";
import { defineModel } from "../../src/model/index.js";
import { simulate } from "../../src/simulation/index.js";
import { endless, exiting, rejectingLate, throwingLate } from "./models.js";

describe("a simulator that ends the process", () => {
  it("is refused in this thread", async () => {
    const before = Reflect.get(process, "exit") as unknown;
    await expect(simulate(exiting, { simulations: 3, seed: 1, workers: 0 })).rejects.toThrow(
      /the simulator of "exiting" called process.exit\(3\), which would end the program: throw/,
    );
    expect(Reflect.get(process, "exit")).toBe(before);
  });

  it("is refused after an await as well, while others may end the process", async () => {
    const before = Reflect.get(process, "exit") as unknown;
    let asked = 0;
    const leaving = defineModel({
      name: "leaving",
      parameters: { a: uniform(0, 1) },
      data: { x: [] },
      simulate: async ({ a }) => {
        await Promise.resolve();
        if (asked++ > 2) process.exit(0);
        return { x: a };
      },
    });
    const waiting = defineModel({
      name: "waiting",
      parameters: { a: uniform(0, 1) },
      data: { x: [] },
      simulate: async ({ a }) => {
        await new Promise((resolve) => void setTimeout(resolve, 1));
        return { x: a };
      },
    });
    // Two at once, which end in another order than they began.
    const other = simulate(waiting, { simulations: 20, seed: 1, workers: 0 });
    await expect(simulate(leaving, { simulations: 9, seed: 1, workers: 0 })).rejects.toThrow(
      /the simulator of "leaving" called process.exit\(0\)/,
    );
    expect((await other).size).toBe(20);
    expect(Reflect.get(process, "exit")).toBe(before);
  });

  it("ends no more than its worker, and is told of", async () => {
    await expect(simulate(exiting, { simulations: 30, seed: 1, workers: 2 })).rejects.toThrow(
      /a worker that simulated "exiting" died: .*3/,
    );
  });
});

describe("a simulator that throws late, from a timer or a promise that nobody hears", () => {
  it.each([throwingLate, rejectingLate])("is told of", async (model) => {
    await expect(simulate(model, { simulations: 3_000, seed: 1, workers: 1 })).rejects.toThrow(
      /a worker that simulated ".*Late" died: too late/,
    );
  });
});

describe("a simulator that never returns", () => {
  it("is stopped when told, where there may be a signal: it does not run in this thread", async () => {
    const stop = new AbortController();
    const endlessly = simulate(endless, { simulations: 3, seed: 1, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 100);
    await expect(endlessly).rejects.toThrow("enough");
  });
});
