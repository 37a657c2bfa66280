/**
 * Rounds on the benchmark's tasks, beside the published scores of sequential methods; and the information gain of a linear design beside its closed form.
 *
 *     npm run experiment:rounds                                          1,000 simulations, 5 rounds, observations 1 to 3
 *     npm run experiment:rounds -- --tasks two_moons,slcp --observations 1,2,3,4,5,6,7,8,9,10 --rounds 10 --simulations 10000
 *     npm run experiment:rounds -- --method likelihood                   likelihood rounds
 *
 * ../shared/sbibm holds observations and reference posteriors (or --data FOLDER). A single round is amortized training with the same simulations.
 */
import { resolve } from "node:path";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import {
  defineModel,
  informationGain,
  likelihoodRounds,
  nle,
  normal,
  npe,
  simulate,
  train,
  truncatedRounds,
  type AnyModel,
} from "amortis";
import { TASKS, tasks, type TaskName } from "@amortis/sbibm";
import { readObservations, type Observation } from "../benchmark/src/observations.js";
import { scoreSamples } from "../benchmark/src/scores.js";

/** Sequential methods of Lueckmann et al. (2021), ten rounds, mean C2ST of ten observations at 1,000 and 10,000 simulations. */
const PUBLISHED: Readonly<Partial<Record<TaskName, string>>> = {
  two_moons: "SNPE 0.643 / 0.554, SNLE 0.657 / 0.571",
  gaussian_linear_uniform: "SNPE 0.631 / 0.527, SNLE 0.657 / 0.552",
  gaussian_linear: "SNPE 0.652 / 0.544, SNLE 0.628 / 0.548",
  gaussian_mixture: "SNPE 0.669 / 0.551, SNLE 0.706 / 0.685",
  slcp: "SNPE 0.965 / 0.845, SNLE 0.921 / 0.713",
  bernoulli_glm: "SNPE 0.855 / 0.614, SNLE 0.634 / 0.553",
  sir: "SNPE 0.637 / 0.561, SNLE 0.746 / 0.745",
};

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "two_moons,gaussian_linear_uniform" },
    observations: { type: "string", default: "1,2,3" },
    simulations: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    method: { type: "string", default: "truncated" },
    data: { type: "string", default: resolve(import.meta.dirname, "../../../shared/sbibm") },
    draws: { type: "string", default: "10000" },
  },
});
const simulations = Number(values.simulations);
const wanted = new Set(values.observations.split(",").map(Number));
const quiet = { progress: false, onWarning: () => {}, threads: 1 };
const PRIOR = "one round";

const folders = {
  observations: `${values.data}/observations`,
  reference: `${values.data}/reference`,
};
console.log(
  `${simulations} simulations; C2ST by the benchmark's perceptron, ${values.draws} draws; load average ${loadavg()[0]?.toFixed(1)}`,
);
console.log(
  "| task | observation | rounds | C2ST | share of the prior proposed at last | seconds |",
);
console.log("|---|---|---|---|---|---|");
const isTask = (name: string): name is TaskName => TASKS.some((one) => one === name);
for (const task of values.tasks.split(",").filter(isTask)) {
  const observed = await readObservations(task, folders);
  for (const rounds of [1, Number(values.rounds)]) {
    const scores: number[] = [];
    for (const one of observed.filter(({ k }) => wanted.has(k))) {
      const { c2st, accepted, seconds } = await score(task, one, rounds);
      scores.push(c2st);
      const words = rounds === 1 ? PRIOR : String(rounds);
      console.log(
        `| ${task} | ${one.k} | ${words} | ${c2st.toFixed(3)} | ${accepted} | ${seconds.toFixed(0)} |`,
      );
    }
    const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
    console.log(
      `| ${task} | mean | ${rounds} | ${mean.toFixed(3)} | published, 1,000 / 10,000: ${PUBLISHED[task] ?? "-"} | |`,
    );
  }
}
await designs();

async function score(task: TaskName, observation: Observation, rounds: number) {
  const model: AnyModel = tasks[task];
  const started = performance.now();
  const options = { simulations, rounds, seed: observation.k, workers: 0, training: quiet };
  const data = { x: observation.x };
  const { estimator, rounds: reports } =
    values.method === "likelihood"
      ? await likelihoodRounds(nle(model), data, options)
      : await truncatedRounds(npe(model), data, options);
  const posterior = await estimator.given(data, { samples: Number(values.draws), seed: 1 });
  const seconds = (performance.now() - started) / 1_000;
  const { c2st } = await scoreSamples(
    observation,
    Float32Array.from(posterior.draws),
    model.parameterSize,
    {
      classifiers: ["mlp"],
    },
  );
  await estimator.release();
  const accepted = reports.at(-1)?.accepted;
  return { c2st: c2st.mlp ?? Number.NaN, accepted: accepted?.toPrecision(2) ?? "-", seconds };
}

/** y ~ N(ξ θ, 1), θ ~ N(0, 1): one estimator over all designs ξ, and the gain of some, ½ log(1 + ξ²) exactly. */
async function designs(): Promise<void> {
  const withDesigns = (design: number | undefined) =>
    defineModel({
      name: "linear design",
      parameters: { theta: normal(0, 1) },
      data: { design: [], y: [] },
      simulate: ({ theta }, random) => {
        const xi = design ?? 3 * random.uniform();
        return { design: xi, y: xi * theta + random.normal() };
      },
    });
  const estimator = await train(npe(withDesigns(undefined)), {
    ...quiet,
    simulations: 20_000,
    seed: 1,
    workers: 0,
  });
  console.log("\n| design | gain, nats | standard error | exactly |\n|---|---|---|---|");
  for (const design of [0.5, 1, 2]) {
    const model = withDesigns(design);
    const fresh = await simulate(model, { simulations: 4_000, seed: "designs", workers: 0 });
    const { gain, standardError } = await informationGain(estimator, fresh);
    console.log(
      `| ${design} | ${gain.toFixed(4)} | ${standardError.toFixed(4)} | ${(0.5 * Math.log(1 + design ** 2)).toFixed(4)} |`,
    );
  }
}
