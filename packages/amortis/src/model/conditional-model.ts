/**
 * A model in which some parameters are known.
 *
 *     p(θ, ψ, Z) = p(θ) p(ψ) p(Z | θ, ψ)      becomes one of parameters θ and data (Z, ψ),
 *
 * whose posterior is the full conditional p(θ | Z, ψ). So whatever learns posteriors, quantiles or likelihoods learns those of some parameters given the others, by simulations of the joint model
 * (as the QuantileEstimator of NeuralEstimators 0.3 does where it is told of which parameter).
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { isPromise } from "../data/simulator-output.js";
import { isDependent } from "../distributions/dependent.js";
import { unflatten } from "../data/layout.js";
import { jointPrior, type JointPrior } from "../distributions/joint.js";
import type { Stream } from "../random/index.js";
import { defineModel, type AnyModel, type Model } from "./model.js";
import type { SizeSpec, SizesOf } from "./sizes.js";
import type { ModelDefinition, ParameterSpec, Values } from "./types.js";
import type { DataSpec } from "../data/array-spec.js";

/** The model of the other parameters, with the known ones among its data. */
export type ConditionalModel<
  P extends ParameterSpec,
  D extends DataSpec,
  K extends string & keyof P,
> = Model<Omit<P, K>, D & { readonly [Name in K]: P[Name]["shape"] }>;

/**
 * The model of the other parameters, given some that are known: these become data of the same names, and are drawn from their priors in simulations. It has no likelihood, and simulates
 * in the thread that asks.
 *
 * @param known names of parameters, one or more, but not all.
 * @throws InvalidArgumentError where there is no such parameter, or all are known; UnsupportedError of a hierarchy, and of priors that depend on other parameters.
 * @example
 * const model = conditionalModel(line, ["noise"]);
 * const slopes = await train(nbe(model, { quantiles: [0.05, 0.5, 0.95] }), { simulations: 20_000 });
 * await slopes.quantiles({ y, noise: 0.5 });   // of the slope, were the noise 0.5
 */
export function conditionalModel<
  P extends ParameterSpec,
  D extends DataSpec,
  const K extends string & keyof P,
>(model: Model<P, D>, known: readonly K[]): ConditionalModel<P, D, K> {
  const whole: AnyModel = model;
  requireSome(whole, known);
  const { name, sizes, units, descriptions } = whole;
  const all = Object.entries(whole.parameters);
  const ofThese = (which: boolean): ParameterSpec =>
    Object.fromEntries(all.filter(([key]) => isIn(known, key) === which));
  const given = jointPrior(ofThese(true));
  const shapes = Object.fromEntries(given.slots.map((slot) => [slot.name, slot.shape]));
  const definition: ModelDefinition<ParameterSpec, DataSpec> = {
    name: `${name} given ${known.join(", ")}`,
    parameters: ofThese(false),
    data: { ...whole.data, ...shapes },
    sizes,
    ...(units && { units }),
    ...(descriptions && { descriptions }),
    simulate: (values, random, counts: SizesOf<SizeSpec>) => {
      const drawn = valuesOf(given, random);
      const output = whole.simulate({ ...values, ...drawn }, random, counts);
      return isPromise(output)
        ? Promise.resolve(output).then((made) => ({ ...made, ...drawn }))
        : { ...output, ...drawn };
    },
  };
  const conditional: AnyModel = defineModel(definition);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parameters and arrays that its type says
  return conditional as ConditionalModel<P, D, K>;
}

/** A draw of each, by name. */
function valuesOf(prior: JointPrior, random: Stream): Values<ParameterSpec> {
  return unflatten(prior.slots, prior.sample(random));
}

function isIn(known: readonly string[], name: string): boolean {
  return known.includes(name);
}

/** @throws InvalidArgumentError, UnsupportedError */
function requireSome(
  { name, hierarchy, stateSpace, parameters }: AnyModel,
  known: readonly string[],
): void {
  const what = "conditionalModel";
  if (stateSpace !== undefined) {
    throw new UnsupportedError(
      `${what}: the model "${name}" has states, and smoothing(model) answers given parameters that are known: given(data, { parameters: { ... } })`,
    );
  }
  const names = Object.keys(parameters);
  const unknown = known.find((key) => !names.includes(key));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `${what}: there is no parameter "${unknown}" to be known; the model "${name}" has ${names.join(", ")}`,
    );
  }
  if (known.length === 0 || names.every((key) => known.includes(key))) {
    throw new InvalidArgumentError(
      `${what}: ${known.length === 0 ? "none" : "all"} of the parameters ${names.join(", ")} would be known: name some, and leave some to be learned`,
    );
  }
  const depends = Object.entries(parameters).find(([, prior]) => isDependent(prior));
  if (hierarchy === undefined && depends === undefined) return;
  throw new UnsupportedError(
    `${what}: ${hierarchy === undefined ? `the prior of "${depends?.[0]}" depends on other parameters` : `the model "${name}" is a hierarchy`}, so that what is known changes the prior of the others: anyToAny learns such conditionals`,
  );
}
