/**
 * What settings of training gain ratios, synthetic likelihoods, learned summaries, and posteriors by densities or summaries that a user names: the loss of 4,000 simulations that no weights are learned from (less is better), by the general settings
 * and by those of now, and seconds of processor time in training.
 *
 *     npx tsx experiments/defaults/held-out.ts [--methods nre,telescoping,ranks,mixture,affine,summary,synthetic,moments,distance,information,variational,npe] [--models line,slcp] [--simulations 2000] [--seed 1]
 */
import { parseArgs } from "node:util";
import {
  affineCoupling,
  defineModel,
  discreteUniform,
  distanceCorrelationSummary,
  gaussianMixture,
  mlpSummary,
  mutualInformationSummary,
  npe,
  nre,
  posteriorMomentsSummary,
  rankPosterior,
  simulate,
  splineCoupling,
  syntheticLikelihood,
  telescoping,
  train,
  uniform,
  variational,
  type AnyModel,
} from "amortis";
import type { Method } from "amortis/extend";
import { tasks } from "@amortis/sbibm";
import { general, simpleModels } from "./simple-models.js";

const HELD_OUT = 4_000;
const HELD_OUT_SEED = 1_000_000_007;

const methods: Readonly<Record<string, (model: AnyModel) => Method>> = {
  nre: (model) => nre(model),
  telescoping: (model) => telescoping(model),
  ranks: (model) => rankPosterior(model),
  mixture: (model) => npe(model, { density: gaussianMixture() }),
  affine: (model) => npe(model, { density: affineCoupling() }),
  /** Where the user names the summary network. */
  summary: (model) => npe(model, { summary: mlpSummary() }),
  synthetic: (model) => syntheticLikelihood(model),
  moments: (model) => posteriorMomentsSummary(model),
  distance: (model) => distanceCorrelationSummary(model),
  information: (model) => mutualInformationSummary(model),
  /** Of models with a likelihood as a graph. */
  variational: (model) => variational(model, { density: splineCoupling() }),
  /** Of `count`, whose posterior is one of a whole number first. */
  npe: (model) => npe(model),
};
const count = defineModel({
  name: "count",
  parameters: { steps: discreteUniform(0, 9), sd: uniform(0.1, 2) },
  data: { y: [10] },
  simulate: ({ steps, sd }, random) => ({
    y: Array.from({ length: 10 }, () => 0.3 * steps + sd * random.normal()),
  }),
});
const models: Readonly<Record<string, AnyModel>> = { ...simpleModels, ...tasks, count };

const { values } = parseArgs({
  options: {
    methods: { type: "string", default: Object.keys(methods).join() },
    models: {
      type: "string",
      default: [...Object.keys(simpleModels), "two_moons", "slcp", "sir"].join(),
    },
    simulations: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const [simulations, seed] = [Number(values.simulations), Number(values.seed)];

for (const chosen of values.methods.split(",")) {
  for (const name of values.models.split(",")) {
    const [method, model] = [methods[chosen], models[name]];
    if (method === undefined || model === undefined) {
      throw new Error(`there is no method "${chosen}", or no model "${name}"`);
    }
    const data = await simulate(model, { simulations, seed, workers: 0 });
    const validation = await simulate(model, {
      simulations: HELD_OUT,
      seed: HELD_OUT_SEED,
      workers: 0,
    });
    const said: string[] = [];
    for (const [settings, options] of Object.entries({ general: general(simulations), now: {} })) {
      const start = process.cpuUsage();
      const estimator = await train(method(model), {
        ...options,
        data,
        validation,
        seed,
        threads: 1,
        calibrate: false,
        onWarning: () => {},
      });
      const { user, system } = process.cpuUsage(start);
      const loss = estimator.details.training?.bestValidationLoss ?? Number.NaN;
      said.push(`${settings} ${loss.toFixed(4)} (${((user + system) / 1e6).toFixed(0)} s)`);
      await estimator.release();
    }
    console.log([chosen, name, simulations, ...said].join(" | "));
  }
}
process.exit(0);
