/**
 * The joint prior that an estimator was trained with, from what its file says.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { changedPrior } from "../distributions/changed-prior.js";
import {
  custom,
  distributionFromJSON,
  jointPrior,
  onOffset,
  type Distribution,
  type JointPrior,
} from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";
import type { Details } from "./contents.js";

/** The joint prior of a file, on the offset of its training. */
export function priorOf(
  { model: own, standardization }: Details,
  model: AnyModel | undefined,
): JointPrior {
  return onOffset(trainedPrior(own, model), standardization.parameters.offset);
}

/**
 * The joint prior of a file. A prior that is code is the model's, where there is one, and else only known by its bounds: it has a support and
 * a map from unconstrained space, but neither draws nor a density.
 *
 * @throws InvalidArgumentError where a prior in the file is none that this version knows.
 */
export function trainedPrior(
  { parameters }: Details["model"],
  model: AnyModel | undefined,
): JointPrior {
  const priors = parameters.map(({ name, shape, prior, support }): [string, Distribution] => {
    const bounds = {
      lower: support.lower.map((bound) => bound ?? -Infinity),
      upper: support.upper.map((bound) => bound ?? Infinity),
    };
    if (!isCode(prior)) return [name, distributionFromJSON(prior)];
    return [name, model?.parameters[name] ?? boundsAlone(name, shape, bounds)];
  });
  return jointPrior(Object.fromEntries(priors));
}

/**
 * The prior of a file with others in the place of some.
 *
 * @throws InvalidArgumentError where there is no such parameter, another shape is given, or a prior that is code is in neither file nor model.
 */
export function priorWith(
  others: Readonly<Record<string, Distribution>>,
  of: {
    readonly prior: JointPrior;
    readonly details: Details;
    readonly model: AnyModel | undefined;
  },
): JointPrior {
  const changed = changedPrior(of.prior, others);
  const code = of.details.model.parameters.find(
    ({ name, prior }) => others[name] === undefined && isCode(prior),
  );
  if (code !== undefined && of.model === undefined) throw priorIsCode(code.name);
  return changed;
}

/** Whether a prior in JSON, or a part of it, stands for one that is code. */
export function isCode(prior: unknown): boolean {
  if (typeof prior !== "object" || prior === null) return false;
  if ("parts" in prior && Array.isArray(prior.parts)) return prior.parts.some(isCode);
  return "name" in prior && prior.name === "custom";
}

/** That a prior is asked what its file does not hold. */
export function priorIsCode(name: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `the prior of "${name}" is a custom distribution, which is code and so not in the file: load the file with its model, load(file, { model }), or give the prior as an option, prior: { ${name}: ... }`,
  );
}

function boundsAlone(
  name: string,
  shape: readonly number[],
  support: { readonly lower: readonly number[]; readonly upper: readonly number[] },
): Distribution {
  const refuse = (): never => {
    throw priorIsCode(name);
  };
  return custom({ name, shape, support, sample: refuse, logDensity: refuse });
}
