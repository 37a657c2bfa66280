import { loadModel, simulate } from "amortis";
import { describe, expect, it } from "vitest";
import { maxStable } from "../src/index.js";

describe("simulating inverted max-stable fields", () => {
  it("gives the same bits for any number of workers and any chunks", async () => {
    const options = { simulations: 60, seed: 20, firstIndex: 3 };
    const { parameters, data } = await simulate(maxStable, { ...options, workers: 0 });
    expect(parameters).toHaveLength(60 * 2);
    expect(data.x).toHaveLength(60 * 256);
    for (const change of [
      { workers: 2, chunkSize: 13 },
      { workers: 0, chunkSize: 1 },
    ]) {
      const other = await simulate(maxStable, { ...options, ...change });
      expect(other.parameters).toEqual(parameters);
      expect(other.data.x).toEqual(data.x);
    }
  });

  it("starts from the module's path", async () => {
    const model = await loadModel(new URL("../src/index.ts", import.meta.url));
    expect(model.name).toBe("max-stable");
    expect(model.parameterNames).toEqual(["range", "smoothness"]);
    expect(model.dataShapes).toEqual({ x: [16, 16] });
  });
});
