/**
 * The joint prior of named parameters.
 *
 *     p(θ) = Π_k p_k(θ_k),   or p_k(θ_k | θ_1 ... θ_{k-1}) where a prior is `dependent`
 *
 * Everything that is asked of all parameters together (draws, densities, supports, the map from unconstrained space, names) is asked here and
 * nowhere else, so that how parameters depend on each other is one file's business.
 */
import { parameterSlots, flatNames, type ParameterSlot } from "../data/layout.js";
import { lessOffset } from "./centred.js";
import { dependentJoint } from "./dependent-joint.js";
import { isDependent } from "./dependent.js";
import type { Distribution, VectorDistribution } from "./distribution.js";
import { flattened } from "./membership.js";
import { independent } from "./independent.js";
import { offsetOf } from "./offset.js";

/** Priors by parameter, in the order of the flat parameter vector. */
export type Priors = Readonly<Record<string, Distribution>>;

/** The joint distribution of named parameters, as one flat vector [p]. */
export interface JointPrior<P extends Priors = Priors> extends VectorDistribution {
  /** The prior of each parameter. */
  readonly priors: P;
  /** Where each parameter lies in the flat vector. */
  readonly slots: readonly ParameterSlot[];
  /** Names of the flat parameters: "range", "beta[0]", "beta[1]". */
  readonly flatNames: readonly string[];
  /** What the flat parameters sit on where that is large beside how they vary, [p]; undefined where single precision bears them all. */
  readonly offset: readonly number[] | undefined;
  /** The joint distribution of θ - offset: what graphs and networks reckon with. Itself where there is no offset. */
  readonly centred: Distribution;
}

/**
 * The joint distribution of named parameters.
 *
 * @throws InvalidArgumentError where there are none, or one depends on others that are not before it.
 * @example jointPrior({ mu: normal(0, 1), sigma: uniform(0, 2) }).logDensity([0.5, 1])
 */
export function jointPrior<const P extends Priors>(priors: P): JointPrior<P> {
  return jointOf(priors, (whole) => {
    const offset = offsetOf(whole);
    return offset.some((value) => value !== 0) ? offset : undefined;
  });
}

/**
 * The same prior on an offset that is known, such as that of an estimator's training.
 *
 * @param offset [p], or undefined for none.
 */
export function onOffset(prior: JointPrior, offset: readonly number[] | undefined): JointPrior {
  return jointOf(prior.priors, () => offset);
}

/**
 * The joint prior of the first parameters alone, on their offset: those that come first depend on none after them.
 *
 * @param size of the flat vector up to where one of them ends.
 */
export function firstPriors(prior: JointPrior, size: number): JointPrior {
  const names = prior.slots.filter(({ offset }) => offset < size).map(({ name }) => name);
  const own = Object.entries(prior.priors).filter(([name]) => names.includes(name));
  return onOffset(jointPrior(Object.fromEntries(own)), prior.offset?.slice(0, size));
}

function jointOf<P extends Priors>(
  priors: P,
  offsetBy: (whole: Distribution) => readonly number[] | undefined,
): JointPrior<P> {
  let centred: Distribution | undefined;
  let offset: { readonly value: readonly number[] | undefined } | undefined;
  const all = Object.values(priors);
  const depends = all.some(isDependent);
  const whole = depends ? dependentJoint(priors) : independent(all);
  const slots = parameterSlots(
    Object.entries(priors).map(([name, { shape }]) => ({ name, shape })),
  ).map((slot, i) => described(slot, all[i]));
  const joint: JointPrior<P> = {
    name: whole.name,
    shape: whole.shape,
    size: whole.size,
    support: whole.support,
    // Of what depends on others, parts by themselves say nothing.
    ...(!depends && { parts: all }),
    // Asked for only when it is needed: a discrete part has none.
    get bijection() {
      return whole.bijection;
    },
    sample: (random) => whole.sample(random),
    contains: (theta) => whole.contains(theta),
    logDensity: (theta) => whole.logDensity(theta),
    graph: whole.graph,
    toJSON: () => whole.toJSON(),
    priors,
    slots,
    flatNames: Object.freeze(flatNames(slots)),
    // Asked for only when it is needed: of a prior that is code it takes draws.
    get offset() {
      offset ??= { value: offsetBy(whole) };
      return offset.value;
    },
    get centred() {
      centred ??= joint.offset === undefined ? joint : lessOffset(whole, joint.offset);
      return centred;
    },
  };
  return joint;
}

/** A slot with what is to be known of its values beside their number: labels, and which add up to one. */
function described(slot: ParameterSlot, prior: Distribution | undefined): ParameterSlot {
  if (prior === undefined) return slot;
  let end = slot.offset;
  const simplexes = flattened([prior]).flatMap(({ support, size }) => {
    const start = end;
    end += size;
    return support.kind === "simplex" ? [[start, end] as const] : [];
  });
  return {
    ...slot,
    ...(prior.labels && { labels: prior.labels }),
    ...(simplexes.length > 0 && { simplexes }),
  };
}
