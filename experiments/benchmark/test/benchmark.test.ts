import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npe, readData, stream, type AnyModel, gaussian, rawSummary } from "amortis";
import { writeNpy } from "amortis/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  benchmarkTable,
  readResults,
  runBenchmark,
  writeReport,
  type BenchmarkOptions,
  type TaskResult,
} from "../src/index.js";
import { drawScores } from "../src/report.js";
import { publishedBeside } from "../src/summary.js";

const TASK = "gaussian_mixture";
const ROWS = 300;
let root: string;
const at = (...names: string[]): string => join(root, ...names);

/** Draws of the exact posterior of gaussian_mixture away from its bounds: [n, 2]. */
function exactDraws(x: readonly number[], n: number, seed: number): Float32Array {
  const random = stream(seed);
  return Float32Array.from(
    Array.from({ length: n }, () => (random.uniform() < 0.5 ? 1 : 0.1)).flatMap((sd) =>
      x.map((center) => center + sd * random.normal()),
    ),
  );
}

async function writeObservation(k: number): Promise<void> {
  const random = stream(k).split("observation");
  const x = [random.normal(), random.normal()];
  const reference = exactDraws(x, ROWS, 100 + k);
  await writeFile(
    at("observations", TASK, `observation_${k}.json`),
    JSON.stringify({ observation: x }),
  );
  await writeFile(at("reference", TASK, `reference_${k}.f32`), new Uint8Array(reference.buffer));
  await writeNpy(at("exact", `${TASK}_${k}.npy`), {
    shape: [ROWS, 2],
    data: exactDraws(x, ROWS, 200 + k),
  });
}

const folders = () => ({ observations: at("observations"), reference: at("reference") });
const makeMethod = async (model: AnyModel) =>
  npe(model, { summary: rawSummary(), density: gaussian() });

function optionsOf(change: Partial<BenchmarkOptions> = {}): BenchmarkOptions {
  return {
    tasks: [TASK],
    method: "npe",
    simulations: 400,
    seed: 1,
    directory: at("out"),
    folders: folders(),
    makeMethod,
    draws: ROWS,
    classifiers: ["forest"],
    training: { epochs: 40, workers: 0 },
    ...change,
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-benchmark-test-"));
  for (const name of ["observations", "reference"]) {
    await mkdir(at(name, TASK), { recursive: true });
  }
  await mkdir(at("exact"));
  await writeObservation(1);
  await writeObservation(2);
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("the benchmark", () => {
  it("trains, draws and scores; goes on with observations that come later, without training again", async () => {
    const [first] = await runBenchmark(optionsOf({ samplesOut: at("samples") }));
    expect(first?.scores.map(({ k }) => k)).toEqual([1, 2]);
    // Less than the prior's: 300 simulations teach something, though not much.
    expect(first?.trained?.expectedLogDensity?.value).toBeGreaterThan(-2 * Math.log(20));
    const drawn = await readData(at("samples", `${TASK}_2.npy`));
    expect(drawn).toMatchObject({ shape: [ROWS, 2] });
    for (const { c2st } of first?.scores ?? []) expect(c2st.forest).toBeGreaterThan(0.6);

    await writeObservation(5);
    const seen: string[] = [];
    const [again] = await runBenchmark(
      optionsOf({ onProgress: ({ detail }) => seen.push(detail.kind) }),
    );
    expect(new Set(seen)).toEqual(new Set(["drawing", "scoring"]));
    expect(again?.scores.map(({ k }) => k)).toEqual([1, 2, 5]);
    expect(again?.scores.slice(0, 2)).toEqual(first?.scores);
    expect(again?.trained).toEqual(first?.trained);
    await expect(runBenchmark(optionsOf({ training: { epochs: 41 } }))).rejects.toThrow(
      /made with other settings/,
    );
  });

  it("scores samples of another program: exact ones at one half, by both classifiers", async () => {
    const [found] = await runBenchmark(
      optionsOf({
        method: "exact",
        samplesFrom: at("exact"),
        classifiers: ["forest", "mlp"],
      }),
    );
    const values = found?.scores.flatMap(({ c2st }) => [c2st.mlp ?? 0, c2st.forest ?? 0]) ?? [];
    // 600 rows: a standard error of 0.02, and more since folds share rows.
    for (const value of values) expect(Math.abs(value - 0.5)).toBeLessThan(0.08);
    for (const one of found?.scores ?? []) {
      expect(one.meanError).toBeLessThan(4 * Math.sqrt(2 / ROWS));
      expect(Math.abs(one.mmd)).toBeLessThan(0.01);
    }
    expect((await readdir(at("out"))).toSorted()).toEqual(["exact-400-1", "npe-400-1"]);
  });

  it("reports all that a directory holds, beside what was published", async () => {
    const results = await readResults(at("out"));
    expect(results.map(({ method }) => method)).toEqual(["exact", "npe"]);
    await writeReport(results, at("out"));
    const html = await readFile(at("out", "report.html"), "utf8");
    for (const word of ["two_moons", "NPE (Lueckmann et al. 2021)", "exact", "C2ST (forest)"]) {
      expect(html).toContain(word);
    }
    const [head, row] = benchmarkTable(results);
    expect(row).toHaveLength(head?.length ?? 0);
    expect(drawScores(results, "mlp")).toContain("lotka_volterra");
    expect(drawScores([], "mlp")).toBeUndefined();
  });

  it("compares with the published scores of the same observations", () => {
    const scored = (ks: readonly number[]): TaskResult => ({
      format: "amortis-benchmark",
      version: 1,
      task: "two_moons",
      method: "npe",
      simulations: 100_000,
      seed: 1,
      settings: {},
      sampling: {},
      scores: ks.map((k) => ({
        k,
        c2st: { mlp: 0.5 },
        mmd: 0,
        slicedWasserstein: 0,
        meanError: 0,
        sdError: 0,
      })),
    });
    const all = publishedBeside(scored([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(all.npe).toBeCloseTo(0.542, 3);
    expect(publishedBeside(scored([1, 2, 3, 4, 5])).npe).toBeCloseTo(0.5257, 3);
    expect(all.best).toBeCloseTo(0.542, 3);
    expect(publishedBeside({ ...scored([1]), simulations: 500 })).toEqual({});
  });

  it("says what is missing before it trains", async () => {
    const missing = optionsOf({ tasks: ["sir"], directory: at("none") });
    await expect(runBenchmark(missing)).rejects.toThrow(/there are no observations of sir/);
    const method = async (model: AnyModel) => ({
      ...npe(model),
      answers: { kind: "summary", size: 1 } as const,
    });
    await expect(
      runBenchmark(optionsOf({ directory: at("none"), makeMethod: method })),
    ).rejects.toThrow(/npe has no posteriors/);
    await expect(
      runBenchmark(optionsOf({ method: "absent", samplesFrom: at("nowhere") })),
    ).rejects.toThrow(/there are no samples .*gaussian_mixture_1\.npy/);
  });
});
