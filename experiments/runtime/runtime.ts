/**
 * The engine's own runtime beside ONNX Runtime, native and for the web, in Node and in Chromium, and beside jax-js and TensorFlow.js, on one thread.
 *
 *     npm run bench:runtime [-- --json --rounds 3 --programs mlp,spline,affine,cnn32 --files FILE,FILE --on own,native,chromium-own]
 *
 * Each measurement is a process or a page of its own, and runtimes take turns, round after round, so that a machine whose speed drifts is fair to all; medians over
 * rounds. Of training programs, a step; of estimator files, the first answer since the file was read, one data set and 200 data sets with 1,000 draws each, and the time
 * from nothing to the first answer (of Node the whole process, of Chromium since navigation); of the machine, what plain SIMD does at most and how much of it products
 * reach. Peers are measured where they are installed: `npm ci --prefix experiments/peers/js`; Chromium, where there is one.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ChromiumBench } from "./chromium.js";

const ROOT = resolve(import.meta.dirname, "../..");
const FILES = join(ROOT, "packages/amortis/test/golden-files/files");
const PEERS = join(ROOT, "experiments/peers/js");

const ALL = ["own", "native", "web", "jax", "tensorflow"];
const IN_CHROMIUM = ["chromium-own", "chromium-fused", "chromium-web"];

/** Programs that peers have: none of them expresses the spline flow, and TensorFlow.js's WebAssembly has no gradient of convolutions. */
const EXPRESSED: Readonly<Record<string, readonly string[]>> = {
  jax: ["mlp", "affine", "cnn32"],
  tensorflow: ["mlp", "affine"],
};

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    programs: { type: "string", default: "mlp,spline,affine,cnn32" },
    files: {
      type: "string",
      default: ["npe-spline", "npe-affine"].map((file) => join(FILES, `${file}.amortis`)).join(),
    },
    on: { type: "string", default: [...ALL, ...IN_CHROMIUM].join() },
  },
});

type Numbers = Readonly<Record<string, number>>;

/** What a process prints last, and the milliseconds that it took. */
function measured(script: string, args: readonly string[]): Readonly<Record<string, unknown>> {
  const loader = script.endsWith(".ts") ? ["--import", "tsx"] : [];
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...loader, script, ...args], {
    encoding: "utf8",
    cwd: ROOT,
  });
  const processMs = performance.now() - started;
  if (status !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${status}: ${stderr}`);
  const printed = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  return { ...printed, processMs };
}

/** The numbers among what was measured. */
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

const named = (list: string): readonly string[] => list.split(",").filter(Boolean);
const on = named(values.on);
const browser = on.some((name) => IN_CHROMIUM.includes(name)) ? await open() : undefined;

async function open(): Promise<ChromiumBench | undefined> {
  try {
    return await ChromiumBench.open();
  } catch (error) {
    console.error(
      `Chromium is left out: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

type Kind = "step" | "answer" | "start";

/** Measures on a runtime; undefined where it is not here, or cannot do that. */
async function measure(
  kind: Kind,
  what: string,
  name: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (name.startsWith("chromium-")) {
    const runtime = name.replace("chromium-", "");
    if (kind !== "start") return browser?.measure(kind, what, runtime);
    return runtime === "own" ? browser?.start(what) : undefined;
  }
  if (name in EXPRESSED) {
    const script = join(PEERS, `${name}.mjs`);
    const can = kind === "step" && EXPRESSED[name]?.includes(what) === true;
    return can && existsSync(join(PEERS, "node_modules")) ? measured(script, [what]) : undefined;
  }
  if (kind === "start" && name === "web") return undefined;
  const script = kind === "start" ? "start.mjs" : `${kind}.ts`;
  const { processMs, ...found } = measured(join(import.meta.dirname, script), [what, name]);
  return kind === "start" ? { firstMs: processMs, ...found } : found;
}

/** Medians of what is measured of something, by runtime. */
async function compare(kind: Kind, what: string): Promise<Readonly<Record<string, Numbers>>> {
  const found = new Map(on.map((name) => [name, [] as Numbers[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, all] of found) {
      const one = await measure(kind, what, name);
      if (one !== undefined) all.push(numbersIn(one));
    }
  }
  const medians = (all: readonly Numbers[]): Numbers =>
    Object.fromEntries(
      Object.keys(all[0] ?? {}).map((key) => [
        key,
        median(all.map((one) => one[key] ?? Number.NaN)),
      ]),
    );
  return Object.fromEntries(
    [...found].flatMap(([name, all]) => (all.length === 0 ? [] : [[name, medians(all)]])),
  );
}

async function compareAll(kind: Kind, list: string) {
  const all: Record<string, Readonly<Record<string, Numbers>>> = {};
  for (const what of named(list)) all[what.replace(/^.*\//, "")] = await compare(kind, what);
  return all;
}

const results = {
  products: measured(join(import.meta.dirname, "peak.ts"), []),
  step: await compareAll("step", values.programs),
  answer: await compareAll("answer", values.files),
  start: await compareAll("start", values.files),
};
await browser?.close();
if (values.json) console.log(JSON.stringify(results, undefined, 1));
else {
  const { products, ...kinds } = results;
  console.log("GFLOP/s", JSON.stringify(products));
  for (const [kind, all] of Object.entries(kinds)) {
    for (const [what, runtimes] of Object.entries(all)) {
      for (const [name, numbers] of Object.entries(runtimes)) {
        const shown = Object.entries(numbers).map(([key, value]) => `${key} ${value.toFixed(2)}`);
        console.log(`${kind} ${what} ${name}: ${shown.join(", ")}`);
      }
    }
  }
}
