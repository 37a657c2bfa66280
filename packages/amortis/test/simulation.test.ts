import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { InvalidArgumentError } from "@amortis/graph";
import { describe, expect, it } from "vitest";
import { uniform } from "../src/distributions/index.js";
import { defineModel } from "../src/model/index.js";
import { stream } from "../src/random/index.js";
import {
  SimulationError,
  describeInvalid,
  simulate,
  simulationSource,
  type SimulatedData,
  type SimulationProgress,
} from "../src/simulation/index.js";
import {
  coin,
  crashing,
  inline,
  misfit,
  patient,
  silent,
  unexported,
} from "./simulation/models.js";

/** Throws below 0.1, gives NaN from 0.1 to 0.2, and infinity from 0.2 to 0.3. */
const fragile = defineModel({
  name: "fragile",
  parameters: { a: uniform(0, 1) },
  data: { x: [2] },
  simulate: ({ a }, random) => {
    if (a < 0.1) throw new Error("a is too small");
    return { x: [random.normal(), a < 0.2 ? Number.NaN : a < 0.3 ? 1e60 : a] };
  },
});

function expectSame(a: SimulatedData, b: SimulatedData): void {
  expect(a.size).toBe(b.size);
  expect(a.parameters).toEqual(b.parameters);
  expect(a.data).toEqual(b.data);
  expect(a.indices).toEqual(b.indices);
  expect(a.invalid).toEqual(b.invalid);
}

describe("simulating", () => {
  it("draws simulation i from its own stream", async () => {
    const { parameters, data, indices, size } = await simulate(inline, {
      simulations: 5,
      seed: 7,
      firstIndex: 100,
    });
    expect(size).toBe(5);
    expect(indices).toEqual(Float64Array.of(100, 101, 102, 103, 104));
    const random = stream(7).split("simulation").split(103);
    const a = inline.parameters.a.sample(random)[0] ?? Number.NaN;
    expect(parameters[3]).toBe(a);
    expect(data.x.subarray(9, 12)).toEqual(Float32Array.of(a, random.normal(), random.normal()));
    expect(data.count).toEqual(new Float32Array(5).fill(2));
  });

  it("gives the same bits for any workers and chunks", async () => {
    const one = await simulate(coin, { simulations: 300, seed: 11, workers: 0 });
    expect(one.size).toBe(300);
    for (const [workers, chunkSize] of [
      [1, undefined],
      [2, 7],
      [2, 300],
      [0, 13],
    ] as const) {
      const other = await simulate(coin, {
        simulations: 300,
        seed: 11,
        workers,
        ...(chunkSize !== undefined && { chunkSize }),
      });
      expectSame(one, other);
    }
  });

  it("gives the same data again where their parameters are given", async () => {
    const drawn = await simulate(inline, { simulations: 20, seed: 3 });
    expectSame(drawn, await simulate(inline, { parameters: drawn.parameters, seed: 3 }));
    const fixed = await simulate(coin, {
      parameters: new Float64Array(50).fill(0.25),
      seed: 3,
      workers: 2,
      chunkSize: 8,
    });
    expect(fixed.parameters).toEqual(new Float64Array(50).fill(0.25));
  });

  it("continues where an earlier call stopped", async () => {
    const all = await simulate(inline, { simulations: 30, seed: 5 });
    const rest = await simulate(inline, { simulations: 10, firstIndex: 20, seed: 5 });
    expect(rest.data.x).toEqual(all.data.x.subarray(60));
  });

  it("reports progress up to the end", async () => {
    const reports: SimulationProgress[] = [];
    await simulate(coin, {
      simulations: 100,
      seed: 1,
      onProgress: (report) => reports.push(report),
    });
    expect(reports.at(-1)).toMatchObject({ done: 100, total: 100, invalid: 0, secondsLeft: 0 });
    expect(reports.at(-1)?.rate).toBeGreaterThan(0);
  });

  it("lets the event loop turn in this thread, and stops when told", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 50);
    const done: number[] = [];
    const endless = simulate(inline, {
      simulations: 1e7,
      seed: 1,
      signal: stop.signal,
      onProgress: (report) => done.push(report.done),
    });
    await expect(endless).rejects.toThrow("enough");
    // Long before all are done.
    expect(done.at(-1) ?? 0).toBeLessThan(5e6);
  });

  it("stops workers when told", async () => {
    const stop = new AbortController();
    const endless = simulate(coin, {
      simulations: 1e6,
      seed: 1,
      workers: 2,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 0) stop.abort();
      },
    });
    await expect(endless).rejects.toMatchObject({ name: "AbortError" });
    const aborted = simulate(inline, { simulations: 1, seed: 1, signal: stop.signal });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  });

  it("refuses options out of their range", async () => {
    await expect(simulate(inline, { seed: 1 })).rejects.toThrow(/simulations must be/);
    await expect(simulate(inline, { simulations: 0, seed: 1 })).rejects.toThrow(/but is 0/);
    await expect(simulate(inline, { simulations: 1, seed: 1, workers: -1 })).rejects.toThrow(/-1/);
    await expect(simulate(inline, { simulations: 1, seed: 1, chunkSize: 0 })).rejects.toThrow(
      /chunkSize/,
    );
    await expect(simulate(inline, { simulations: 1, seed: 1, firstIndex: 0.5 })).rejects.toThrow(
      /firstIndex/,
    );
    await expect(
      simulate(inline, { simulations: 3, parameters: new Float64Array(2), seed: 1 }),
    ).rejects.toThrow(/\[3, 1\], but has 2 values/);
  });
});

describe("invalid simulations", () => {
  it("are left out and accounted for", async () => {
    const result = await simulate(fragile, { simulations: 400, seed: 2, chunkSize: 30 });
    const { parameters, data, indices, invalid, size } = result;
    expect(size + invalid.length).toBe(400);
    expect(invalid.length).toBeGreaterThan(80);
    expect(parameters.every((a) => a >= 0.3)).toBe(true);
    expect(data.x.every(Number.isFinite)).toBe(true);
    expect(data.x).toHaveLength(2 * size);
    // Each row still has its own simulation's data.
    for (const row of [0, 57, size - 1]) {
      const random = stream(2)
        .split("simulation")
        .split(indices[row] ?? -1);
      expect(parameters[row]).toBe(fragile.samplePrior(random)[0]);
      expect(data.x[2 * row]).toBe(Math.fround(random.normal()));
    }
    const numbers = [...indices, ...invalid.map(({ index }) => index)].toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 400 }, (_, i) => i));
    for (const {
      parameters: [a = -1],
      reason,
    } of invalid) {
      const expected =
        a < 0.1
          ? "a is too small"
          : a < 0.2
            ? "x[1] is NaN"
            : "x[1] is 1e+60, beyond the range of float32";
      expect(reason).toBe(expected);
    }
  });

  it("are the same from workers", async () => {
    const local = await simulate(crashing, { simulations: 60, seed: 2, workers: 0 });
    expect(local.invalid.length).toBeGreaterThan(5);
    expectSame(
      local,
      await simulate(crashing, { simulations: 60, seed: 2, workers: 2, chunkSize: 9 }),
    );
  });

  it("stop everything where asked", async () => {
    const fatal = simulate(fragile, { simulations: 400, seed: 2, onInvalid: "fatal" });
    await expect(fatal).rejects.toThrow(SimulationError);
    await expect(fatal).rejects.toThrow(/of 400 simulations .* at a = 0\.\d+: /);
  });

  it("are described by where they lie in the parameters, beside the valid ones", async () => {
    const parameters = Float64Array.of(0.15, 0.5, 0.11, 0.9, 0.05);
    const { invalid } = await simulate(fragile, { parameters, seed: 1, onWarning: () => {} });
    const valid = Float64Array.of(0.5, 0.9);
    expect(describeInvalid(invalid, 5, ["a"], valid)).toBe(
      "3 of 5 simulations (60.0 %) were invalid: 2 × x is NaN; 1 × a is too small; " +
        "they lie (and the valid ones) within a 0.05 to 0.15 (0.5 to 0.9); " +
        "for example simulation 0 at a = 0.15: x[1] is NaN",
    );
    expect(describeInvalid(invalid, 5, ["a"])).toContain("; they lie within a 0.05 to 0.15; ");
    expect(describeInvalid([], 5, ["a"], valid)).toBeUndefined();
  });

  it("may be very many at once", async () => {
    const bad = Float64Array.from({ length: 200_001 }, (_, i) => (i === 0 ? 0.5 : 0.05));
    const useless = defineModel({
      name: "useless",
      parameters: { a: uniform(0, 1) },
      data: { x: [] },
      simulate: ({ a }) => ({ x: a > 0.1 ? a : Number.NaN }),
    });
    const options = { parameters: bad, seed: 1, chunkSize: 200_001, onWarning: () => {} };
    expect((await simulate(useless, options)).invalid).toHaveLength(200_000);
  });

  it("are warned of once on the fly, not with every chunk", async () => {
    const mostly = defineModel({
      name: "mostly",
      parameters: { a: uniform(0, 1) },
      data: { x: [] },
      simulate: ({ a }) => ({ x: a > 0.8 ? a : Number.NaN }),
    });
    const warnings: string[] = [];
    const onWarning = (text: string): void => {
      warnings.push(text);
    };
    const source = simulationSource(mostly, { seed: 1, chunkSize: 100, onWarning });
    for (let chunk = 0; chunk < 3; chunk++) await source.next();
    await source.close();
    expect(warnings).toHaveLength(1);
    const fatal = simulationSource(mostly, { seed: 1, chunkSize: 100, onInvalid: "fatal" });
    await expect(fatal.next()).rejects.toThrow(SimulationError);
  });

  it("are spoken of where they are most, and refused where they are all", async () => {
    const warnings: string[] = [];
    const mostly = new Float64Array(20).fill(0.15).fill(0.5, 0, 5);
    await simulate(fragile, {
      parameters: mostly,
      seed: 1,
      onWarning: (text) => warnings.push(text),
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /most simulations were left out.*15 of 20 simulations \(75.0 %\).*15 × x is NaN/,
    );
    const all = simulate(fragile, { parameters: new Float64Array(9).fill(0.05), seed: 1 });
    await expect(all).rejects.toThrow(/no simulation is of use: 9 of 9 .* 9 × a is too small/);
  });

  it("do not hide a simulator whose output has the wrong shape", async () => {
    const wrong = defineModel({
      name: "wrong",
      parameters: { a: uniform(0, 1) },
      data: { x: [2] },
      simulate: () => ({ x: [1, 2, 3] }),
    });
    await expect(simulate(wrong, { simulations: 3, seed: 1 })).rejects.toThrow(
      /model "wrong", simulation 0 at a = .*shape \[2\].*returned 3 values/,
    );
  });
});

describe("an asynchronous simulator", () => {
  it("gives what a synchronous one gives, in this thread and in workers", async () => {
    const expected = await simulate(crashing, { simulations: 60, seed: 2, workers: 0 });
    for (const workers of [0, 2]) {
      const options = { simulations: 60, seed: 2, workers, chunkSize: 9 };
      expectSame(expected, await simulate(patient, options));
    }
    const source = simulationSource(patient, { seed: 2, chunkSize: 60, workers: 1 });
    const { origin, ...chunk } = (await source.next()).value;
    expect(origin?.model).toBe("patient");
    expect({ ...chunk, origin: expected.origin }).toEqual(expected);
    await source.close();
  });

  it("has its errors carried, and its mistakes refused", async () => {
    const rejecting = defineModel({
      name: "rejecting",
      parameters: { a: uniform(0, 1) },
      data: { x: [] },
      simulate: ({ a }) =>
        a < 0.5 ? Promise.reject(new Error("too small")) : Promise.resolve({ x: a }),
    });
    const { invalid, size } = await simulate(rejecting, { simulations: 50, seed: 1 });
    expect(size + invalid.length).toBe(50);
    for (const { parameters, reason } of invalid) {
      expect(parameters[0]).toBeLessThan(0.5);
      expect(reason).toBe("too small");
    }
    const misshapen = defineModel({
      name: "misshapen",
      parameters: { a: uniform(0, 1) },
      data: { x: [2] },
      simulate: () => Promise.resolve({ x: [1, 2, 3] }),
    });
    await expect(simulate(misshapen, { simulations: 3, seed: 1 })).rejects.toThrow(
      /model "misshapen", simulation 0 at a = .*shape \[2\].*returned 3 values/,
    );
    const notYet = rejecting.simulate({ a: 1 }, stream(1));
    expect(() => rejecting.packData(notYet as unknown as { x: number })).toThrow(/await it first/);
    await notYet;
  });

  it.each([0, 1])("that never answers is given up when told, with %i workers", async (workers) => {
    const stop = new AbortController();
    const simulated = simulate(silent, { simulations: 3, seed: 1, workers, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 100);
    await expect(simulated).rejects.toThrow("enough");
  });
});

describe("workers", () => {
  it("are refused where they could not load the model", async () => {
    const source = { seed: 1, workers: 2, chunkSize: 3 };
    const asked = { ...source, simulations: 3 };
    await expect(simulate(inline, asked)).rejects.toThrow(
      /workers is 2, but workers cannot load the model "inline".*module: import\.meta\.url/,
    );
    await expect(simulate(inline, asked)).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(simulationSource(inline, source).next()).rejects.toThrow(/workers is 2/);
  });

  it("fail with the errors of this thread", async () => {
    const caught = (workers: number): Promise<unknown> =>
      simulate(misfit, { simulations: 3, seed: 1, workers }).catch((error: unknown) => error);
    const [here, there] = [await caught(0), await caught(1)];
    expect(there).toBeInstanceOf(SimulationError);
    expect(there).toMatchObject({ cause: { code: "data", name: "DataError" } });
    expect(there).toEqual(here);
  });

  it("do not run a module that simulates when it is imported", async () => {
    const folder = await mkdtemp(join(tmpdir(), "amortis-recursive-"));
    const file = join(folder, "recursive.mjs");
    const dist = new URL("../dist", import.meta.url).href;
    await writeFile(
      file,
      `import { uniform } from "${dist}/distributions/index.js";
import { defineModel } from "${dist}/model/index.js";
import { simulate } from "${dist}/simulation/index.js";
export const model = defineModel({ name: "recursive", parameters: { a: uniform(0, 1) },
  data: { x: [] }, simulate: ({ a }) => ({ x: a }), module: import.meta.url });
await simulate(model, { simulations: 3, seed: 1, workers: 1 });`,
    );
    const stderr: unknown = expect.stringMatching(
      /recursive\.mjs simulates when it is imported.*put the model in a module of its own/,
    );
    await expect(promisify(execFile)(process.execPath, [file])).rejects.toMatchObject({ stderr });
    await rm(folder, { recursive: true });
  });

  it("say which model they cannot load", async () => {
    await expect(simulate(unexported(), { simulations: 3, seed: 1, workers: 1 })).rejects.toThrow(
      /no model named "unexported"/,
    );
  });
});
