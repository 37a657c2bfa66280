/**
 * Which of several models made the data, as a model itself.
 *
 *     M ~ p(M),   θ_M ~ p(θ_M | M),   Z ~ p(Z | θ_M, M)
 *
 * Its one parameter is M, and the parameters of the models are integrated out by simulation: the posterior p(M | Z) that is learned of it, by cross-entropy, which is a proper score, has the models' marginal
 * likelihoods without computing any (Radev et al. 2021, arXiv 2004.10629; Elsemüller et al. 2023, arXiv 2301.11873). The ratio of two probabilities over that of their priors is a Bayes factor.
 */
import { describeSpec, sameSpecs, type ArraySpecs, type DataSpec } from "../data/array-spec.js";
import { sizesOf } from "../data/elements.js";
import { categorical, type CategoricalDistribution } from "../distributions/categorical.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { defineModel, type AnyModel, type Model } from "./model.js";
import type { SizeSpec } from "./sizes.js";
import type { Simulated } from "./types.js";
import { ModelError } from "./validate.js";

/** What is compared. */
export interface Comparison<M extends Readonly<Record<string, AnyModel>>> {
  /** What the comparison is called, in files and in reports. */
  readonly name: string;
  /** Models by name: of any parameters, and of the same data. */
  readonly models: M;
  /** Probabilities of the models a priori, in their order; by default equal. */
  readonly prior?: readonly number[];
  /** `import.meta.url` of the module that exports the comparison, so that worker threads can load it. */
  readonly module?: string;
}

const KNOWN: KnownOptions<Comparison<Readonly<Record<string, AnyModel>>>> = {
  name: true,
  models: true,
  prior: true,
  module: true,
};

/** The model of a comparison. */
export type ComparisonModel<M extends Readonly<Record<string, AnyModel>>> = Model<
  { readonly model: CategoricalDistribution<string & keyof M> },
  M[keyof M]["data"]
>;

/**
 * A model of which of several models made the data. Any method of posteriors learns it: `npe` gives probabilities of the models, its file answers on the command line, `diagnose` says whether they are
 * calibrated, and the check of typicality warns of data that none of the models describes.
 *
 * @throws ModelError where there are fewer than two models, their data are not the same, or the probabilities do not fit.
 * @example
 * const comparison = compareModels({ name: "counts", models: { poisson, geometric } });
 * const estimator = await train(npe(comparison), { simulations: 20_000 });
 * (await estimator.given({ y })).probabilities()["model"];   // { poisson: 0.93, geometric: 0.07 }
 */
export function compareModels<const M extends Readonly<Record<string, AnyModel>>>(
  comparison: Comparison<M>,
): ComparisonModel<M> {
  requireKnown("compareModels", comparison, KNOWN);
  const { name, models, prior, module } = comparison;
  const all = Object.entries(models);
  const [first] = all;
  if (first === undefined || all.length < 2) {
    throw new ModelError(`the comparison "${name}" needs two models or more, by name`);
  }
  const [hidden] = all.find(([, { stateSpace }]) => stateSpace !== undefined) ?? [];
  if (hidden !== undefined) {
    throw new ModelError(
      `the comparison "${name}" is by what is seen, but the model "${hidden}" has states: compare withoutStates(${hidden})`,
    );
  }
  const specs = first[1].dataSpecs;
  for (const [other, { dataSpecs }] of all) {
    if (sameSpecs(specs, dataSpecs)) continue;
    throw new ModelError(
      `the comparison "${name}" needs models of the same data, but "${first[0]}" has ${inWords(specs)} and "${other}" ${inWords(dataSpecs)}`,
    );
  }
  // Each model draws its own: the largest is all that there is to know.
  const sizes: SizeSpec = Object.fromEntries(
    Object.entries(sizesOf(specs)).map(([size, most]) => [size, { upTo: most }]),
  );
  const model = defineModel({
    name,
    parameters: {
      model: categorical(
        all.map(([one]) => one),
        prior,
      ),
    },
    data: specs,
    sizes,
    simulate: (values, random): Simulated<DataSpec> => {
      const [, chosen] = all[values.model] ?? first;
      const own = chosen.unpack(chosen.samplePrior(random));
      return chosen.simulate(own, random);
    },
    ...(module !== undefined && { module }),
  });
  return model;
}

function inWords(specs: ArraySpecs): string {
  return Object.entries(specs)
    .map(([name, spec]) => `${name} ${describeSpec(spec)}`)
    .join(", ");
}
