/**
 * Web workers simulate in a page: the bits of one thread, and one error for each thing that goes wrong.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  inWorkers,
  npe,
  serveSimulations,
  simulate,
  train,
  type AnyModel,
  type SimulatedData,
} from "../../src/index.js";
import { simulationSource } from "../../src/simulation/index.js";
import { digestOf, SPRING_DIGEST } from "./digest.js";
import { crashing, endless, misfit, spring, unheard } from "./models.js";

const start = (): Worker =>
  new Worker(new URL("./simulate.worker.ts", import.meta.url), { type: "module" });
const startBroken = (): Worker =>
  new Worker(new URL("./broken.worker.ts", import.meta.url), { type: "module" });
const startSilent = (): Worker =>
  new Worker(new URL("./silent.worker.ts", import.meta.url), { type: "module" });

function expectSame(a: SimulatedData, b: SimulatedData): void {
  expect(b.size).toBe(a.size);
  expect(b.parameters).toEqual(a.parameters);
  expect(b.data).toEqual(a.data);
  expect(b.indices).toEqual(a.indices);
  expect(b.invalid).toEqual(a.invalid);
}

/** What simulating in two workers ends with. */
async function failure(model: AnyModel, started: () => Worker): Promise<unknown> {
  const options = { simulations: 20, seed: 1, workers: 2, chunkSize: 20 };
  return simulate(inWorkers(model, started), options).then(
    () => "no error",
    (error: unknown) => error,
  );
}

afterEach(() => {
  vi.useRealTimers();
});

describe("web workers", () => {
  it("simulate what one thread does, to the bit, and what Node does", async () => {
    const one = await simulate(spring, { simulations: 300, seed: 11 });
    expect(digestOf(one)).toBe(SPRING_DIGEST);
    for (const [workers, chunkSize] of [
      [1, undefined],
      [3, 7],
    ] as const) {
      const options = { simulations: 300, seed: 11, workers, ...(chunkSize && { chunkSize }) };
      expectSame(one, await simulate(inWorkers(spring, start), options));
    }
  });

  it("leave out the invalid ones that one thread does", async () => {
    const quiet = { simulations: 100, seed: "s", onWarning: () => {} };
    const one = await simulate(crashing, quiet);
    expect(one.invalid.length).toBeGreaterThan(10);
    expectSame(one, await simulate(inWorkers(crashing, start), { ...quiet, workers: 2 }));
  });

  it("simulate at given parameters", async () => {
    const { parameters } = await simulate(spring, { simulations: 40, seed: 2 });
    const one = await simulate(spring, { parameters, seed: 3 });
    expect(one.parameters).toEqual(parameters);
    const model = inWorkers(spring, start);
    expectSame(one, await simulate(model, { parameters, seed: 3, workers: 2, chunkSize: 9 }));
  });

  it("stay ahead of whoever takes chunks", async () => {
    const all = await simulate(spring, { simulations: 60, seed: 5 });
    const source = simulationSource(inWorkers(spring, start), {
      seed: 5,
      workers: 2,
      chunkSize: 20,
    });
    const taken: number[] = [];
    for await (const { parameters } of source) {
      taken.push(...parameters);
      if (taken.length === 120) break;
    }
    expect(taken).toEqual([...all.parameters]);
  });

  it("make the estimator that one thread makes", async () => {
    const drawsOf = async (workers: number): Promise<readonly number[]> => {
      const options = { simulations: 200, epochs: 1, seed: 1, workers, onProgress: () => {} };
      const trained = await train(npe(inWorkers(spring, start)), options);
      const data = { y: Array.from({ length: 10 }, (_, i) => 1 - i / 5), count: 3 };
      const { draws } = await trained.given(data, { samples: 20, seed: 1 });
      return [...draws];
    };
    expect(await drawsOf(2)).toEqual(await drawsOf(0));
  });
});

describe("what goes wrong in web workers", () => {
  it("stops a simulator that never comes back", async () => {
    const stop = new AbortController();
    const model = inWorkers(endless, start);
    const running = simulate(model, { simulations: 5, seed: 1, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 200);
    await expect(running).rejects.toThrow(/^enough$/);
  });

  it("tells of a simulator whose output does not fit, as one thread does", async () => {
    const alone = simulate(misfit, { simulations: 20, seed: 1 });
    const { message } = await alone.then(
      () => new Error("none"),
      (error: unknown) => (error instanceof Error ? error : new Error("other")),
    );
    expect(await failure(misfit, start)).toMatchObject({ code: "simulation", message });
  });

  it("tells of what a simulator throws where nobody hears it", async () => {
    const message = expect.stringMatching(/simulated "unheard" failed: .*thrown later/);
    expect(await failure(unheard, start)).toMatchObject({ code: "simulation", message });
  });

  it("tells of a worker that is not there, that fails, or that cannot be started", async () => {
    const absent = (): Worker => new Worker("/no/such/worker.js", { type: "module" });
    for (const [started, expected] of [
      [absent, /cannot be loaded: .*is not there.*calls serveSimulations/],
      [startBroken, /cannot be loaded: .*broken from the start/],
      [() => new Worker("https://elsewhere.example/w.js"), /cannot be started: .*elsewhere/],
    ] as const) {
      const error = await failure(spring, started);
      expect(error).toMatchObject({
        code: "simulation",
        message: expect.stringMatching(expected),
      });
    }
  });

  it("tells of a worker that does not simulate, after a minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const failing = failure(spring, () => {
      begin();
      return startSilent();
    });
    await begun;
    await vi.advanceTimersByTimeAsync(61_000);
    const message = expect.stringMatching(/has not called serveSimulations within 60 s/);
    expect(await failing).toMatchObject({ code: "simulation", message });
  });

  it("tells of a worker that serves other models, and of a page without one", async () => {
    const other = { ...spring, name: "other" };
    expect(await failure(other, start)).toMatchObject({
      code: "model",
      message: expect.stringMatching(/"other", but the worker serves "spring", "crashing"/),
    });
    const alone = simulate(spring, { simulations: 1, seed: 1, workers: 2 });
    await expect(alone).rejects.toThrow(/say inWorkers/);
    expect(() => serveSimulations(spring)).toThrow(/is for the module of a web worker/);
    // @ts-expect-error -- a worker, where what starts one is asked for
    expect(() => inWorkers(spring, "worker.js")).toThrow(/needs a function.*was given string/);
  });
});
