/**
 * Learned summaries of the Gaussian field, by what their own exact posteriors lose beside that of the field.
 *
 *     npm run experiment:summaries -- [--simulations 10000] [--epochs 12] [--fields 1000] [--reference 40000] [--seed 1] [--only NAME,NAME]
 *
 * p(θ | S(z)) is taken from simulations that no summary saw: the parameters of the 1 % whose summaries are nearest. So nothing that is trained stands between a summary and its score, and what a row
 * loses is lost by the summary. The exact posterior of the field is scored by as many draws. Scores are over the same fresh fields; standard errors of ratios are the delta method's.
 *
 * Fisher information is at θ = 0.3, in that of the field itself, F(θ) = ½ tr (Σ⁻¹ ∂Σ)².
 */
import { parseArgs } from "node:util";
import {
  cnn,
  distanceCorrelationSummary,
  fisherInformationSummary,
  mutualInformationSummary,
  posteriorMomentsSummary,
  simulate,
  stream,
  train,
  uniform,
  withPriors,
  type TrainOptions,
} from "amortis";
import { average, crps, fisherInformation, ratio } from "amortis/diagnostics";
import { exactPosteriors, gaussianField } from "@amortis/gaussian-field";
import { fieldInformation } from "./field-information.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "10000" },
    epochs: { type: "string", default: "12" },
    fields: { type: "string", default: "1000" },
    reference: { type: "string", default: "40000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const seed = Number(values.seed);
const fields = Number(values.fields);

/** Where Fisher information is asked for, and the simulations around it. */
const AT = 0.3;
const NEAR = { simulations: 10_000, from: 0.25, to: 0.35 } as const;

const network = cnn({ pooling: "average" });
const METHODS = {
  "posterior mean": posteriorMomentsSummary(gaussianField, { network }),
  "two posterior moments": posteriorMomentsSummary(gaussianField, { network, moments: 2 }),
  "mutual information, Jensen-Shannon": mutualInformationSummary(gaussianField, { network }),
  "mutual information, InfoNCE": mutualInformationSummary(gaussianField, {
    network,
    bound: "infonce",
  }),
  "mutual information, Donsker-Varadhan": mutualInformationSummary(gaussianField, {
    network,
    bound: "donsker-varadhan",
  }),
  "distance correlation": distanceCorrelationSummary(gaussianField, { network }),
  "Fisher information, 0.2 to 0.4": fisherInformationSummary(gaussianField, {
    network,
    around: { range: [0.2, 0.4] },
  }),
  "Fisher information, whole prior": fisherInformationSummary(gaussianField, { network }),
} as const;

const test = await simulate(gaussianField, { simulations: fields, seed: `fresh fields ${seed}` });
const reference = await simulate(gaussianField, {
  simulations: Number(values.reference),
  seed: `reference ${seed}`,
});
const near = await simulate(withPriors(gaussianField, { range: uniform(NEAR.from, NEAR.to) }), {
  simulations: NEAR.simulations,
  seed: `near ${seed}`,
});
const ofField = fieldInformation(AT);
const nearest = Math.round(0.01 * reference.size);
const truths = Array.from(test.parameters);

/** Squared error of the mean, and CRPS, of draws of each field's posterior. */
function scoresOf(draws: (field: number) => Float64Array) {
  const each = truths.map((truth, i) => {
    const own = draws(i);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return [(mean - truth) ** 2, crps(own, truth)] as const;
  });
  return { squared: each.map(([squared]) => squared), crps: each.map(([, score]) => score) };
}

const random = stream(`draws ${seed}`);
const exact = exactPosteriors(test.data.z);
const best = scoresOf((i) =>
  Float64Array.from({ length: nearest }, () => exact[i]?.quantile(random.uniform()) ?? Number.NaN),
);

/** Parameters of the simulations whose summaries are nearest, where each number of a summary counts in its standard deviation. */
function neighbours(
  all: Float32Array,
  own: Float32Array,
  size: number,
): (field: number) => Float64Array {
  const n = reference.size;
  const scales = Array.from({ length: size }, (_, j) => {
    const column = Array.from({ length: n }, (_i, i) => all[i * size + j] ?? Number.NaN);
    const { value } = average(column);
    return Math.sqrt(average(column.map((x) => (x - value) ** 2)).value);
  });
  return (field) => {
    const distances = Float64Array.from({ length: n }, (_, i) => {
      let total = 0;
      for (let j = 0; j < size; j++) {
        total +=
          (((all[i * size + j] ?? 0) - (own[field * size + j] ?? 0)) / (scales[j] ?? 1)) ** 2;
      }
      return total;
    });
    const bound = distances.toSorted()[nearest - 1] ?? Infinity;
    const found: number[] = [];
    for (const [i, distance] of distances.entries()) {
      if (distance <= bound && found.length < nearest)
        found.push(reference.parameters[i] ?? Number.NaN);
    }
    return Float64Array.from(found);
  };
}

const settings: TrainOptions = {
  simulations: Number(values.simulations),
  epochs: Number(values.epochs),
  batch: 64,
  learningRate: 1e-3,
  patience: 20,
  seed,
  threads: 1,
  progress: false,
};

console.log(
  `exact posterior of the field by ${nearest} draws: RMSE ${(100 * Math.sqrt(average(best.squared).value)).toFixed(3)}, CRPS ${(100 * average(best.crps).value).toFixed(4)} (×100)`,
);
console.log(
  "| summary | numbers | RMSE, relative | CRPS, relative | Fisher information at 0.3, relative | training, s of processor |\n|---|---|---|---|---|---|",
);
const asked = values.only?.split(",");
for (const [name, method] of Object.entries(METHODS)) {
  if (asked !== undefined && !asked.includes(name)) continue;
  const before = process.cpuUsage();
  const learned = await train(method, settings);
  const { user, system } = process.cpuUsage(before);
  const { size } = learned;
  const scores = scoresOf(
    neighbours(await learned.summarize(reference.data), await learned.summarize(test.data), size),
  );
  const rmse = ratio(average(scores.squared), average(best.squared));
  const root = Math.sqrt(rmse.value);
  const score = ratio(average(scores.crps), average(best.crps));
  const information = fisherInformation(
    await learned.summarize(near.data),
    near.parameters,
    near.size,
  );
  const cells = [
    name,
    size,
    `${root.toFixed(3)} ± ${(rmse.standardError / (2 * root)).toFixed(3)}`,
    `${score.value.toFixed(3)} ± ${score.standardError.toFixed(3)}`,
    ((information[0] ?? Number.NaN) / ofField).toFixed(2),
    ((user + system) / 1e6).toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  await learned.release();
}
