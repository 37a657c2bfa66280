/**
 * The engine's own runtime beside ONNX Runtime, native and for the web, in Node, on one thread.
 *
 *     npm run bench:runtime [-- --json --rounds 3 --programs mlp,spline,affine,cnn32 --files FILE,FILE]
 *
 * Each measurement is a process of its own, and runtimes take turns, round after round, so that a machine whose speed drifts is fair to all;
 * medians over rounds. Of training programs, a step; of estimator files, the first answer since the file was read, one data set and 200 data sets
 * with 1,000 draws each; of the machine, what plain SIMD does at most and how much of it products reach.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");
const FILES = join(ROOT, "packages/amortis/test/golden-files/files");
const RUNTIMES = ["own", "native", "web"];

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    programs: { type: "string", default: "mlp,spline,affine,cnn32" },
    files: {
      type: "string",
      default: ["npe-spline", "npe-affine"].map((file) => join(FILES, `${file}.amortis`)).join(),
    },
  },
});

type Numbers = Readonly<Record<string, number>>;

/** What a process prints last. */
function measured(script: string, args: readonly string[]): Readonly<Record<string, unknown>> {
  const path = join(import.meta.dirname, script);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", path, ...args],
    { encoding: "utf8", cwd: ROOT },
  );
  if (status !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Readonly<Record<string, unknown>>;
}

/** The numbers among what a process prints. */
function numbersIn(printed: Readonly<Record<string, unknown>>): Numbers {
  return Object.fromEntries(
    Object.entries(printed).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Medians of what a script measures of something, by runtime. */
function compare(script: string, what: string): Readonly<Record<string, Numbers>> {
  const found = new Map(RUNTIMES.map((runtime) => [runtime, [] as Numbers[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [runtime, all] of found) all.push(numbersIn(measured(script, [what, runtime])));
  }
  return Object.fromEntries(
    [...found].map(([runtime, all]) => {
      const names = Object.keys(all[0] ?? {});
      const medians = names.map(
        (name) => [name, median(all.map((one) => one[name] ?? Number.NaN))] as const,
      );
      return [runtime, Object.fromEntries(medians)];
    }),
  );
}

const named = (list: string): readonly string[] => list.split(",").filter(Boolean);
const results = {
  products: measured("peak.ts", []),
  steps: Object.fromEntries(named(values.programs).map((name) => [name, compare("step.ts", name)])),
  answers: Object.fromEntries(
    named(values.files).map((file) => [file.replace(/^.*\//, ""), compare("answer.ts", file)]),
  ),
};
if (values.json) console.log(JSON.stringify(results, undefined, 1));
else {
  console.log("GFLOP/s", JSON.stringify(results.products));
  for (const [kind, all] of [
    ["step", results.steps],
    ["answers", results.answers],
  ] as const) {
    for (const [name, runtimes] of Object.entries(all)) {
      for (const [runtime, numbers] of Object.entries(runtimes)) {
        const shown = Object.entries(numbers).map(([key, value]) => `${key} ${value.toFixed(2)}`);
        console.log(`${kind} ${name} ${runtime}: ${shown.join(", ")}`);
      }
    }
  }
}
