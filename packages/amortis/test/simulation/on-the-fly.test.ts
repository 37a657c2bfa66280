/**
 * Simulations that are drawn while they are used.
 */
import { describe, expect, it } from "vitest";
import { uniform } from "../../src/distributions/index.js";
import { defineModel } from "../../src/model/index.js";
import { simulate, simulationSource } from "../../src/simulation/index.js";
import { coin, inline } from "./models.js";

describe("simulating on the fly", () => {
  it.each([0, 1, 2])("gives chunks in order, with %i workers", async (workers) => {
    const all = await simulate(coin, { simulations: 60, seed: 4, firstIndex: 7, workers: 0 });
    const source = simulationSource(coin, { seed: 4, firstIndex: 7, chunkSize: 20, workers });
    let row = 0;
    for await (const { data, parameters, size } of source) {
      expect(size).toBe(20);
      expect(parameters).toEqual(all.parameters.subarray(row, row + 20));
      expect(data.heads).toEqual(all.data.heads.subarray(row, row + 20));
      row += size;
      if (row === 60) break;
    }
    expect(await source.next()).toEqual({ done: true, value: undefined });
  });

  it("can be closed at any time", async () => {
    const source = simulationSource(coin, { seed: 4, chunkSize: 10_000_000, workers: 1 });
    const pending = source.next();
    setTimeout(() => void source.close(), 300);
    expect(await pending).toEqual({ done: true, value: undefined });
    await source.close();
    await simulationSource(coin, { seed: 1 }).close();
  });

  it("stops by a signal, and at chunks without any use", async () => {
    const stop = new AbortController();
    const source = simulationSource(inline, {
      seed: 4,
      chunkSize: 10_000_000,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await expect(source.next()).rejects.toThrow("enough");
    const useless = defineModel({
      name: "useless",
      parameters: { a: uniform(0, 1) },
      data: { x: [] },
      simulate: () => ({ x: Number.NaN }),
    });
    await expect(simulationSource(useless, { seed: 1 }).next()).rejects.toThrow(
      /no simulation is of use/,
    );
  });
});
