/** Emulators: what they make of simulations, and what a posterior gains by them. */
import { describe, expect, test } from "vitest";
import {
  defineModel,
  missing,
  normal,
  npe,
  simulate,
  train,
  uniform,
  vector,
} from "../../src/index.js";
import { expectedLogDensity } from "../../src/diagnostics/index.js";
import { DataSets } from "../../src/data/data-sets.js";
import { stream } from "../../src/random/index.js";
import { EmulatedColumns } from "../../src/training/emulated-columns.js";
import { quick, temporaryFolder } from "./quick.js";

const inFolder = temporaryFolder();

/** Two values far from zero, counts, and one over decades. */
function mixedSets(n: number): DataSets {
  const random = stream(3);
  const y = Float64Array.from({ length: 2 * n }, (_, i) =>
    i % 2 === 0 ? 2_459_003 + 0.01 * random.normal() : Math.exp(4 * random.normal()),
  );
  const counts = Float64Array.from({ length: n }, () => Math.floor(4 * random.uniform()));
  return new DataSets({ y: vector(2), count: vector(1) }, n, { y, count: counts });
}

describe("the numbers of data sets, as an emulator learns them", () => {
  const sets = mixedSets(2_000);
  const columns = new EmulatedColumns(sets);
  const numbers = columns.numbers(sets, stream(1));

  test("come back as they were", () => {
    const { sets: again, rows } = columns.restore(numbers, sets, stream(2));
    expect(rows).toHaveLength(2_000);
    expect(again.column("count")).toEqual(sets.column("count"));
    const [before, after] = [sets.column("y"), again.column("y")];
    for (const [i, value] of before.entries()) {
      expect(Math.abs((after[i] ?? NaN) - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
    }
  });

  test("are of the order of one, whatever their units and decades", () => {
    expect(columns.size).toBe(3);
    for (const value of numbers) expect(Math.abs(value)).toBeLessThan(10);
  });

  test("that are few are spread over the cell of each", () => {
    const shares = [0, 0, 0, 0];
    for (let row = 0; row < 2_000; row++) {
      // From the cells of 0 to 3 to [0, 4), by the line through the moments.
      const at = columns.restore(numbers.subarray(3 * row, 3 * row + 3), sets, stream(2));
      expect(at.rows).toEqual([0]);
      const cell = at.sets.column("count")[0] ?? NaN;
      shares[cell] = (shares[cell] ?? 0) + 1;
    }
    const sorted = Float64Array.from({ length: 2_000 }, (_, i) => numbers[3 * i] ?? 0).toSorted();
    const gaps = sorted.slice(1).map((value, i) => value - (sorted[i] ?? 0));
    // Uniform over the line: 2,000 draws leave no gap of a tenth of a cell but once in 10^17.
    const cell = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 4;
    expect(Math.max(...gaps)).toBeLessThan(cell / 10);
    expect(shares.reduce((a, b) => a + b, 0)).toBe(2_000);
  });

  test("beyond what was simulated are left out", () => {
    const beyond = numbers.slice(0, 6);
    beyond[4] = 1e3;
    const { sets: kept, rows } = columns.restore(beyond, sets, stream(2));
    expect(rows).toEqual([0]);
    expect(kept.size).toBe(1);
  });
});

/** y = |θ| + noise: one bend that few simulations show better from the side of the simulator than from that of the data. */
const bent = defineModel({
  name: "bent",
  parameters: { theta: uniform(-1, 1) },
  data: { y: [1] },
  simulate: ({ theta }, random) => ({ y: [Math.abs(theta) + 0.02 * random.normal()] }),
});

describe("posteriors that learn from an emulator beside the simulations", async () => {
  const fresh = await simulate(bent, { simulations: 1_000, seed: 99, workers: 0 });
  const score = async (emulations: number): Promise<number> => {
    const fitted = await train(npe(bent, { members: 2, emulations }), {
      ...quick,
      batch: 16,
      simulations: 300,
      epochs: 100,
      patience: 30,
    });
    const { members = [] } = fitted.details.training;
    const settings = members.map((member) => member.settings);
    expect(settings).toMatchObject(
      emulations === 0 ? [{}, {}] : [{}, { emulations, emulator: "normal" }],
    );
    return (await expectedLogDensity(fitted, fresh)).value;
  };

  test("are nearer to the exact ones", async () => {
    const [without, beside] = [await score(0), await score(4_000)];
    // The exact posterior's: two peaks of sd 0.02 each, less what is cut off near zero and one.
    const exact = -(Math.log(0.02 * Math.sqrt(2 * Math.PI)) + 0.5) - Math.log(2);
    expect(beside).toBeGreaterThan(without);
    expect(exact - beside).toBeLessThan(0.5);
  });

  test("go on after a stop as if nothing had happened", async () => {
    const method = npe(bent, { members: 2, emulations: 500 });
    const settings = { ...quick, simulations: 200, epochs: 3 } as const;
    const whole = await train(method, settings);
    const checkpoint = inFolder("emulated.checkpoint");
    const stop = new AbortController();
    await train(method, {
      ...settings,
      checkpoint,
      signal: stop.signal,
      onProgress: ({ phase, network, epoch }) => {
        if (phase === "training" && network === 2 && epoch === 2) stop.abort();
      },
    });
    const resumed = await train(method, { ...settings, checkpoint });
    expect(resumed.contents.weights).toEqual(whole.contents.weights);
  });

  test("are those of simulations alone, where the emulator is stopped", async () => {
    const stop = new AbortController();
    const fitted = await train(npe(bent, { members: 2, emulations: 500 }), {
      ...quick,
      simulations: 200,
      epochs: 3,
      signal: stop.signal,
      onProgress: ({ phase, epoch }) => {
        if (phase === "emulating" && epoch === 1) stop.abort();
      },
    });
    expect(fitted.details.training.endedBy).toBe("interrupted");
    expect((await fitted.given({ y: [0.5] })).draws).toHaveLength(1_000);
  });
});

test("emulators are refused of simulations that are no draws of the prior", async () => {
  const method = npe(bent, { members: 2, emulations: 500 });
  const given = await simulate(bent, {
    parameters: Float64Array.from({ length: 100 }, (_, i) => -0.5 + i / 100),
    seed: 4,
    workers: 0,
  });
  const settings = { ...quick, epochs: 1, onWarning: () => {} } as const;
  await expect(train(method, { ...settings, data: given, allowOtherPrior: true })).rejects.toThrow(
    /an emulator makes simulations at draws of the model's prior, but those given are not known/,
  );
  await expect(train(method, { ...settings, simulations: 500, onTheFly: true })).rejects.toThrow(
    /an emulator makes simulations where there are few, but onTheFly makes fresh ones/,
  );
});

describe("by default, nothing is emulated", () => {
  const emulated = async (data: Parameters<typeof train>[1]): Promise<boolean> => {
    const fitted = await train(npe(bent), { ...quick, epochs: 1, onWarning: () => {}, ...data });
    return JSON.stringify(fitted.details.training.members).includes('"emulations"');
  };

  test("of simulations that are not known to be under the prior", async () => {
    const data = await simulate(bent, { simulations: 100, seed: 4, workers: 0 });
    expect(await emulated({ data })).toBe(true);
    const { origin: _, ...unknown } = data;
    expect(await emulated({ data: unknown })).toBe(false);
    const given = await simulate(bent, {
      parameters: Float64Array.from({ length: 100 }, (__, i) => -0.5 + i / 100),
      seed: 4,
      workers: 0,
    });
    expect(await emulated({ data: given, allowOtherPrior: true })).toBe(false);
  });

  test("where values may be missing", async () => {
    const lacking = defineModel({
      name: "lacking",
      parameters: { theta: normal(0, 1) },
      data: { y: missing(vector(2)) },
      simulate: ({ theta }, random) => ({
        y: [theta + random.normal(), random.uniform() < 0.3 ? NaN : theta + random.normal()],
      }),
    });
    const fitted = await train(npe(lacking), { ...quick, simulations: 100, epochs: 1 });
    expect(JSON.stringify(fitted.details.training.members)).not.toContain('"emulations"');
  });

  test("where simulations were left out", async () => {
    const failing = defineModel({
      name: "failing",
      parameters: { theta: normal(0, 1) },
      data: { y: [1] },
      simulate: ({ theta }, random) => ({ y: [theta > 1 ? NaN : theta + random.normal()] }),
    });
    const fitted = await train(npe(failing), {
      ...quick,
      simulations: 100,
      epochs: 1,
      onWarning: () => {},
    });
    expect(JSON.stringify(fitted.details.training.members)).not.toContain('"emulations"');
  });
});
