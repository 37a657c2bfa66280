/**
 * Speed of answers: posterior draws of a thousand data sets at once and of one, of the README's model and of the Gaussian field.
 *
 *     npm run bench:answers                                       this version
 *     npm run bench:answers -- --before ../other                  in alternation with another checkout, which is built
 *     npm run bench:answers -- --threads 2 --rounds 5 --sets 1000 --draws 1000 --models line,field
 *
 * Each version trains its own default `npe` first (the field's for four epochs alone: what its networks compute does not depend on what they have learned), and each
 * round asks each version in a process of its own: this one its own file, and the file of the version before too, which is the same work; each by the engine's own runtime, as files are
 * answered, and with large calls by the native one, as what was trained in the process is. Medians over rounds: seconds of the wall clock and of all threads' processor time for the batch, milliseconds of
 * processor time for one data set (the mean of forty), and the largest resident memory of the process.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");

/** Runs in a process of its own: trains, and saves to a file. */
const TRAIN = `
const [root, model, file] = process.argv.slice(1);
const { defineModel, normal, npe, train, uniform } = await import(root + "/packages/amortis/dist/index.js");
const quiet = { simulations: 2000, seed: 1, workers: 0, threads: 1, onProgress: () => {}, onWarning: () => {} };
const line = () => defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
  data: { y: [20] },
  simulate: ({ slope, noise }, random) => ({ y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()) }),
});
const made = model === "line"
  ? await train(npe(line()), quiet)
  : await train(npe((await import(root + "/models/gaussian-field/dist/index.js")).gaussianField), { ...quiet, epochs: 4 });
await made.save(file);
process.exit(0);`;

/** Runs in a process of its own: asks, and prints what it took. */
const ASK = `
const [root, file, threads, sets, samples, native] = process.argv.slice(1);
const { load, stream } = await import(root + "/packages/amortis/dist/index.js");
const large = native === "native" && { largeRuntime: (await import(root + "/packages/graph/dist/runtimes/node.js")).nodeRuntime() };
const estimator = await load(file, { threads: Number(threads), onWarning: () => {}, ...large });
const [[name, shape]] = Object.entries(estimator.dataShapes);
const size = shape.reduce((a, b) => a * b, 1);
const values = new Float32Array(Number(sets) * size);
stream(5).fillNormal(values);
const ask = (n, seed) => n === 1
  ? estimator.given({ [name]: values.subarray(0, size) }, { samples: Number(samples), seed })
  : estimator.givenBatch({ [name]: values.subarray(0, n * size) }, { samples: Number(samples), seed });
const measured = async (work) => {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return [(performance.now() - started) / 1e3, (user + system) / 1e6];
};
await ask(1, 0);
await ask(Math.min(50, Number(sets)), 0);
const [wall, cpu] = await measured(() => ask(Number(sets), 1));
const [, singles] = await measured(async () => { for (let i = 0; i < 40; i++) await ask(1, i); });
console.log(JSON.stringify([wall, cpu, (singles / 40) * 1e3, process.resourceUsage().maxRSS / 1024]));
process.exit(0);`;

function run(script: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", script, ...args],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${args.join(" ")}: ended with ${status}: ${stderr}`);
  return stdout;
}

const { values } = parseArgs({
  options: {
    before: { type: "string" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    sets: { type: "string", default: "1000" },
    draws: { type: "string", default: "1000" },
    models: { type: "string", default: "line,field" },
  },
});
const { before, threads, rounds, sets, draws } = values;
const earlier = before === undefined ? undefined : resolve(before);

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Whether it is what a process prints. */
function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === "number");
}

/** A version and a file that it is asked of. */
interface Asked {
  readonly what: string;
  readonly root: string;
  readonly file: string;
  readonly runtime: "own" | "native";
  readonly found: (readonly number[])[];
}

/** A file by the engine's own runtime, and with large calls by the native one. */
function bothWays(what: string, root: string, file: string): readonly Asked[] {
  return [
    { what, root, file, runtime: "own", found: [] },
    { what: `${what}, large calls native`, root, file, runtime: "native", found: [] },
  ];
}

function measure(folder: string, model: string): void {
  const trained = (root: string, version: string): string => {
    const file = join(folder, `${model}-${version}.amortis`);
    run(TRAIN, [root, model, file]);
    return file;
  };
  const own = trained(ROOT, "this");
  const old = earlier && trained(earlier, "before");
  const asked: readonly Asked[] = [
    ...bothWays("this", ROOT, own),
    ...(earlier === undefined || old === undefined
      ? []
      : [
          { what: "before", root: earlier, file: old, runtime: "own" as const, found: [] },
          ...bothWays("this, the file of before", ROOT, old),
        ]),
  ];
  for (let round = 0; round < Number(rounds); round++) {
    for (const { root, file, runtime, found } of asked) {
      const printed: unknown = JSON.parse(run(ASK, [root, file, threads, sets, draws, runtime]));
      if (isNumbers(printed)) found.push(printed);
    }
  }
  for (const { what, found } of asked) {
    const [wall = Number.NaN, cpu = Number.NaN, single = Number.NaN, memory = Number.NaN] = [
      0, 1, 2, 3,
    ].map((i) => median(found.map((each) => each[i] ?? Number.NaN)));
    console.log(
      `${model}, ${what}: ${sets} × ${draws} draws ${wall.toFixed(2)} s, processor ${cpu.toFixed(2)} s; one data set ${single.toFixed(2)} ms; memory ${memory.toFixed(0)} MB`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), "amortis-answers-"));
try {
  console.log(`${threads} thread(s), medians of ${rounds} rounds`);
  for (const model of values.models.split(",")) measure(folder, model);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
