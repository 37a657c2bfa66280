/**
 * Data sets without known parameters, real ones above all, from which posteriors learn beside the simulations.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import { resized } from "../data/elements.js";
import { matchData, type DataInput } from "../data/match-data.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { GraphLikelihood, VariationalLikelihood } from "../methods/likelihood-source.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";

/** Data sets without known parameters, and how they are learned from: `training/self-consistency.ts`. */
export interface UnlabelledOptions {
  /** Data sets by name, along the leading axis of each array. */
  readonly data: DataInput;
  /** Weight of their loss beside that of the simulations; 1 by default. */
  readonly weight?: number;
  /** Draws of each posterior in a step; 16 by default, two at least. */
  readonly draws?: number;
  /** Data sets of a step; 16 by default, or all where there are fewer. */
  readonly batch?: number;
  /**
   * log p(Z | θ): "graph", the model's `graphLogLikelihood`; "host", its `logLikelihood`, for which training waits at each step; a function of your own in graph operations; or a trained
   * likelihood, `fitted.graph(...)`. By default the first of these that the model has.
   */
  readonly likelihood?: VariationalLikelihood;
}

const KNOWN: KnownOptions<UnlabelledOptions> = {
  data: true,
  weight: true,
  draws: true,
  batch: true,
  likelihood: true,
};

/** The same, checked. */
export interface Unlabelled {
  readonly sets: DataSets;
  readonly weight: number;
  readonly draws: number;
  /** Data sets of a step. */
  readonly batch: number;
  readonly likelihood: Exclude<VariationalLikelihood, { readonly graph: () => GraphLikelihood }>;
  /** What files say of it. */
  readonly description: string;
}

/** By default. */
const [WEIGHT, DRAWS, BATCH] = [1, 16, 16] as const;

/**
 * Data sets as training takes them.
 *
 * @param steps examples of a training step: no more data sets are taken at a time.
 * @throws InvalidArgumentError, DataError where they are none of the model, or a number is out of range; UnsupportedError where the method learns no density that can be asked, or there is no
 *   likelihood.
 */
export function resolveUnlabelled(
  { name, model, density, ensemble }: Method,
  options: UnlabelledOptions,
  steps: number,
): Unlabelled {
  requireKnown("unlabelled", options, KNOWN);
  const { data, weight = WEIGHT, draws = DRAWS, batch = BATCH } = options;
  const wrong =
    (!(weight > 0 && Number.isFinite(weight)) && `weight must be above 0, but is ${weight}`) ||
    (!(Number.isInteger(draws) && draws >= 2) &&
      `draws must be a whole number from 2 on, but is ${draws}`) ||
    (!(Number.isInteger(batch) && batch >= 1) &&
      `batch must be a whole number from 1 on, but is ${batch}`);
  if (wrong !== false) throw new InvalidArgumentError(`unlabelled: ${wrong}`);
  const asked = ensemble?.members.every((member) => member.density !== undefined);
  if (!(asked ?? density !== undefined)) {
    throw new UnsupportedError(
      `unlabelled: data sets without parameters teach posteriors that are densities learned by their logarithm, but ${name} has none with these settings: take npe with gaussian(), gaussianMixture() or a spline flow, for continuous parameters`,
    );
  }
  const { data: matched } = matchData(model.data, data);
  const rooms = Object.values(model.dataSpecs).flatMap(({ size, shape: [most = 0] }) =>
    size === undefined ? [] : [[size, most] as const],
  );
  const sets = resized(matched, Object.fromEntries(rooms));
  const each = Math.min(batch, sets.size, steps);
  const { likelihood, described } = likelihoodOf(model, options.likelihood);
  return {
    sets,
    weight,
    draws,
    batch: each,
    likelihood,
    description: `${sets.size} data sets without known parameters, by self-consistency of weight ${weight} with ${draws} draws, by ${described}`,
  };
}

function likelihoodOf(
  model: AnyModel,
  given: VariationalLikelihood | undefined,
): Pick<Unlabelled, "likelihood"> & { readonly described: string } {
  const likelihood = given ?? (model.graphLogLikelihood === undefined ? "host" : "graph");
  const needed = likelihood === "graph" ? "graphLogLikelihood" : "logLikelihood";
  if (typeof likelihood === "string" && model[needed] === undefined) {
    throw new UnsupportedError(
      `unlabelled: data sets without parameters need a likelihood, but the model "${model.name}" has no ${needed}: give the model one, or train a likelihood of its simulations (syntheticLikelihood) and give that as \`likelihood\``,
    );
  }
  if (typeof likelihood !== "object") {
    return {
      likelihood,
      described:
        typeof likelihood === "string" ? `the model's likelihood` : "a likelihood of the user's",
    };
  }
  const known = "graph" in likelihood ? likelihood.graph() : likelihood;
  return { likelihood: known, described: "a likelihood that was learned" };
}
