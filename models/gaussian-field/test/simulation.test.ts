import { loadModel, simulate } from "amortis";
import { simulationSource } from "amortis/extend";
import { describe, expect, it } from "vitest";
import { gaussianField } from "../src/index.js";

describe("simulating fields", () => {
  const options = { simulations: 200, seed: 20, firstIndex: 3 };

  it("gives the same bits for any number of workers and any chunks", async () => {
    const { parameters, data } = await simulate(gaussianField, { ...options, workers: 0 });
    expect(data.z).toHaveLength(200 * 256);
    for (const change of [{ workers: 1 }, { workers: 2, chunkSize: 33 }, { chunkSize: 1 }]) {
      const other = await simulate(gaussianField, { ...options, ...change });
      expect(other.parameters).toEqual(parameters);
      expect(other.data.z).toEqual(data.z);
    }
    const source = simulationSource(gaussianField, {
      seed: 20,
      firstIndex: 3,
      chunkSize: 100,
      workers: 1,
    });
    const { value } = await source.next();
    expect(value?.data.z).toEqual(data.z.subarray(0, 100 * 256));
    await source.close();
  });

  it("starts from the module's path", async () => {
    const model = await loadModel(new URL("../src/index.ts", import.meta.url));
    expect(model.name).toBe("gaussian-field");
    expect(model.dataShapes).toEqual({ z: [16, 16] });
  });
});
