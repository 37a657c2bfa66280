/**
 * A model under other priors.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { changedPrior } from "../distributions/changed-prior.js";
import type { Distribution } from "../distributions/index.js";
import { defineModel, type AnyModel } from "./model.js";
import type { SizesOf } from "./sizes.js";
import { statesApart } from "./state-space.js";
import type { ModelDefinition } from "./types.js";

/**
 * The same data of the same simulator, with other priors of some parameters. It simulates in the thread that asks, or by a program outside: what workers load from the model's
 * module has the prior of the module.
 *
 * @param others priors by parameter, of the shapes that the model's have; the others stay.
 * @throws InvalidArgumentError where there is no such parameter, or a prior has another shape; where the model is a hierarchy.
 * @example withPriors(field, { range: uniform(0.2, 0.4) })
 */
export function withPriors<M extends AnyModel>(
  model: M,
  others: Readonly<Record<string, Distribution>>,
): M {
  if (model.hierarchy !== undefined) {
    throw new InvalidArgumentError(
      `the model "${model.name}" is a hierarchy, whose priors depend on each other: define it anew with the priors that you want`,
    );
  }
  const { name, sizes, external, units, descriptions } = model;
  // oxlint-disable-next-line typescript/unbound-method -- functions of the model's definition, which have no this
  const { logLikelihood, logLikelihoodGradient, graphLogLikelihood } = model;
  const changed: ModelDefinition<AnyModel["parameters"], AnyModel["data"]> = {
    name,
    parameters: changedPrior(model.prior, others).priors,
    ...statesApart(model),
    sizes,
    ...(units && { units }),
    ...(descriptions && { descriptions }),
    simulate:
      external ??
      ((values, random, given: SizesOf<AnyModel["sizes"]>) =>
        model.simulate(values, random, given)),
    ...(logLikelihood && { logLikelihood }),
    ...(logLikelihoodGradient && { logLikelihoodGradient }),
    ...(graphLogLikelihood && { graphLogLikelihood }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- names and shapes are those of the model
  return defineModel(changed) as M;
}
