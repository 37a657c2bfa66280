/**
 * Posteriors by Markov chains from one learned likelihood or ratio: this library's samplers beside sbi's default one, on the same function, in one run.
 *
 *     npx tsx experiments/samplers/learned.ts --python PYTHON [--tasks gaussian_linear,slcp] [--methods nle,nre] [--simulations 2000] [--epochs 10] [--sets 5] [--samples 1000]
 *
 * PYTHON has sbi, torch and onnxruntime (`requirements.txt`). The estimator is trained here and exported as ONNX; sbi 0.27's `slice_np_vectorized`, as `build_posterior` takes it by default, draws from that by ONNX
 * Runtime, in batches of its 20 chains. Everything is on one thread. Seconds are of the processor, so that other work of the machine does not count, and hold starts, warm-up and draws of one data set after another,
 * ours compilation as well. R-hat and effective draws are of the worst parameter, by the same code (`convergence`) for the chains of both; ours are those that its answers say, of all that its chains drew.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  nle,
  nre,
  nuts,
  simulate,
  sliceSampler,
  train,
  type AnyModel,
  type LikelihoodEstimator,
  type RatioEstimator,
} from "amortis";
import { convergence } from "amortis/diagnostics";
import { exportOnnx } from "amortis/extend";
import { tasks, TASKS } from "@amortis/sbibm";

const CHAINS = 20;
const SCRIPT = new URL("sbi_slices.py", import.meta.url).pathname;

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    tasks: { type: "string", default: "gaussian_linear,slcp" },
    methods: { type: "string", default: "nle,nre" },
    simulations: { type: "string", default: "2000" },
    epochs: { type: "string", default: "10" },
    sets: { type: "string", default: "5" },
    samples: { type: "string", default: "1000" },
  },
});
const sets = Number(values.sets);
const samples = Number(values.samples);

/** One data set's chains: what they cost and what they are worth. */
interface Chains {
  readonly processor: number;
  readonly rHat: number;
  readonly effective: number;
}

/** The prior of each parameter as files have it: uniform or normal ones, which Python makes again. */
function priorsOf({ prior: { priors } }: AnyModel): unknown {
  return Object.values(priors).map((prior) => prior.toJSON());
}

type Fitted = LikelihoodEstimator | RatioEstimator;

async function ours(fitted: Fitted, data: Data, how: object): Promise<readonly Chains[]> {
  const all: Chains[] = [];
  for (const [i, own] of data.entries()) {
    const before = process.cpuUsage();
    const batch = await fitted.givenBatch(own, { samples, seed: i, method: "mcmc", ...how });
    const { user, system } = process.cpuUsage(before);
    const found = batch.answers[0]?.convergence;
    all.push({
      processor: (user + system) / 1e6,
      rHat: found ? Math.max(...found.rHat) : NaN,
      effective: found ? Math.min(...found.bulkEss, ...found.tailEss) : NaN,
    });
  }
  return all;
}

type Data = readonly Readonly<Record<string, Float32Array>>[];

function sbi(python: string, fitted: Fitted, model: AnyModel, data: Data): readonly Chains[] {
  const folder = mkdtempSync(join(tmpdir(), "amortis-mcmc-"));
  try {
    for (const [name, bytes] of Object.entries(exportOnnx(fitted)))
      writeFileSync(join(folder, name), bytes);
    const shaped = data.map((own) =>
      Object.fromEntries(
        Object.entries(own).map(([name, x]) => [
          name,
          { shape: model.dataShapes[name], values: Array.from(x) },
        ]),
      ),
    );
    const term = fitted.kind === "ratio" ? "logRatio" : "logLikelihood";
    const job = { term, data: shaped, priors: priorsOf(model), draws: samples };
    writeFileSync(join(folder, "job.json"), JSON.stringify(job));
    const said = execFileSync(python, [SCRIPT, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const bytes = readFileSync(join(folder, "sbi.f32"));
    const draws = new Float32Array(new Uint8Array(bytes).buffer);
    const p = model.parameterSize;
    const each = samples / CHAINS;
    return said
      .toString()
      .trim()
      .split("\n")
      .map((line, i) => {
        const { processor } = JSON.parse(line) as Pick<Chains, "processor">;
        const found = Array.from({ length: p }, (_, j) =>
          convergence(
            Array.from({ length: CHAINS }, (_c, c) =>
              Float64Array.from(
                { length: each },
                (_t, t) => draws[(i * samples + c * each + t) * p + j] ?? NaN,
              ),
            ),
          ),
        );
        return {
          processor,
          rHat: Math.max(...found.map(({ rHat }) => rHat)),
          effective: Math.min(...found.map(({ bulkEss, tailEss }) => Math.min(bulkEss, tailEss))),
        };
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const METHODS = { nle, nre } as const;
const OURS = {
  "random walks, the default": {},
  "nuts()": { sampler: nuts() },
  "sliceSampler()": { sampler: sliceSampler() },
} as const;

const meanOf = (all: readonly Chains[], of: keyof Chains): number =>
  all.reduce((total, each) => total + each[of], 0) / all.length;

console.log(
  `| task | learned by | sampler | processor seconds a data set | effective draws | R-hat, largest | seconds for 1,000 effective draws | sbi's over it |\n|---|---|---|---|---|---|---|---|`,
);
for (const task of values.tasks.split(",")) {
  const model = tasks[TASKS.find((name) => name === task) ?? requireTask(task)];
  const { data } = await simulate(model, { simulations: sets, seed: "observed", workers: 0 });
  const each: Data = Array.from({ length: sets }, (_, i) =>
    Object.fromEntries(
      Object.entries(data).map(([name, all]) => {
        const size = all.length / sets;
        return [name, Float32Array.from(all.subarray(i * size, (i + 1) * size))];
      }),
    ),
  );
  for (const [learned, method] of Object.entries(METHODS)) {
    if (!values.methods.split(",").includes(learned)) continue;
    const fitted: Fitted = await train<AnyModel, "likelihood" | "ratio">(method(model), {
      simulations: Number(values.simulations),
      epochs: Number(values.epochs),
      seed: 1,
      threads: 1,
      workers: 0,
      calibrate: false,
      progress: false,
      onWarning: () => {},
    });
    const peer = values.python === undefined ? undefined : sbi(values.python, fitted, model, each);
    const cost = (all: readonly Chains[]): number =>
      (1_000 * meanOf(all, "processor")) / meanOf(all, "effective");
    const row = (sampler: string, all: readonly Chains[]): void => {
      const cells = [
        task,
        learned,
        sampler,
        meanOf(all, "processor").toFixed(2),
        meanOf(all, "effective").toFixed(0),
        Math.max(...all.map(({ rHat }) => rHat)).toFixed(3),
        cost(all).toFixed(2),
        peer === undefined ? "" : (cost(peer) / cost(all)).toFixed(1),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    };
    if (peer !== undefined) row("sbi, slice_np_vectorized", peer);
    for (const [sampler, how] of Object.entries(OURS)) row(sampler, await ours(fitted, each, how));
    await fitted.release();
  }
}

function requireTask(task: string): never {
  throw new Error(`there is no task "${task}"; there are ${TASKS.join(", ")}`);
}
