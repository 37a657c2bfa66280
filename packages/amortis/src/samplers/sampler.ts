/**
 * What a sampler is: `init` and `step`, with named state and info, for many chains of many data sets at once; and the rule by which they take proposals.
 *
 * A step is a pure function of the state, the settings and the noise. What is learned while chains burn in is an `Adaptation`, which hears of every
 * step and says with which settings the next is made; one driver, `runChains`, loops.
 *
 * The form is BlackJAX's (Cabezas et al. 2024, arXiv 2402.10797); the rule is Metropolis et al.'s (1953) and Hastings' (1970).
 */
import type { Stream } from "../random/index.js";
import type { ChainSpace, Points } from "./target.js";

/** What a step did to each chain. */
export interface StepInfo {
  /** min(1, ratio) of the proposals, [chains]; 0 where the density there is no number. */
  readonly acceptance: Float64Array;
  /** Whether they were taken, [chains]. */
  readonly accepted: Uint8Array;
  /** Of Hamiltonian samplers: whether a trajectory diverged, and the energy of where chains are, [chains] each. */
  readonly divergent?: Uint8Array;
  readonly energy?: Float64Array;
}

/** A step's result. */
export interface Step<S extends Points, I extends StepInfo> {
  readonly state: S;
  readonly info: I;
}

/** How chains are run where nobody says it. */
export interface ChainPlan {
  /** Chains of each data set. */
  readonly chains: number;
  /** Iterations that are left out, and of how many others one is kept. */
  readonly burnIn: number;
  readonly thin: number;
}

/** A kind of Markov chain. */
export interface Sampler<S extends Points, I extends StepInfo, T> {
  readonly name: string;
  /** Whether it needs targets with gradients. */
  readonly needsGradients?: boolean;
  /** What usually does for a posterior with so many axes of unconstrained space: where it does not, chains are run longer. */
  usual(axes: number): ChainPlan;
  /** The state of chains at points. */
  init(space: ChainSpace, points: Points): Promise<S>;
  /** One step of all chains; the noise of each comes from its own stream. */
  step(space: ChainSpace, state: S, settings: T, random: readonly Stream[]): Promise<Step<S, I>>;
  /** How settings are learned in so many steps by chains that start at points. */
  adaptation(space: ChainSpace, burnIn: number, start: Points): Adaptation<S, I, T>;
}

/** Settings that are learned in burn-in. */
export interface Adaptation<S extends Points, I extends StepInfo, T> {
  /** As they are now. */
  readonly settings: T;
  /** Hears of a step. */
  note(state: S, info: I): void;
}

/** Points after proposals were taken or not, by the logarithm of Hastings' ratio of each chain. A NaN is not taken. */
export function metropolisRule(
  { k, p, count }: ChainSpace,
  now: Points,
  proposed: Points,
  logRatio: (chain: number) => number,
  random: readonly Stream[],
): Step<Points, StepInfo> {
  const [position, parameters] = [now.position.slice(), now.parameters.slice()];
  const logDensity = now.logDensity.slice();
  const acceptance = new Float64Array(count);
  const accepted = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const ratio = Math.exp(Math.min(0, logRatio(i)));
    acceptance[i] = ratio >= 0 ? ratio : 0;
    if (!((random[i]?.uniform() ?? 1) < ratio)) continue;
    accepted[i] = 1;
    logDensity[i] = proposed.logDensity[i] ?? Number.NaN;
    for (let j = i * k; j < (i + 1) * k; j++) position[j] = proposed.position[j] ?? Number.NaN;
    for (let j = i * p; j < (i + 1) * p; j++) parameters[j] = proposed.parameters[j] ?? Number.NaN;
  }
  return { state: { position, parameters, logDensity }, info: { acceptance, accepted } };
}
