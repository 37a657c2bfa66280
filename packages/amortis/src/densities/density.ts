/**
 * What a conditional density is: q(u | context) over R^d, to be evaluated, sampled from, and learned.
 */
import type { Scope, Tensor } from "@amortis/graph";
import type { Json } from "../json.js";
import type { Level } from "./noise-levels.js";
import { slot } from "../settings/settings.js";

/** How many columns of base noise one draw takes. */
export interface BaseNoise {
  readonly normal: number;
  readonly uniform: number;
}

/** Base noise of draws: [...L, normal] and [...L, uniform]; a kind of which none is taken may be left out. */
export interface NoiseTensors {
  readonly normal?: Tensor;
  readonly uniform?: Tensor;
}

/** A draw from each component of a mixture. */
export interface Strata {
  /** [...L, K, d], differentiable in the weights of the networks. */
  readonly draws: Tensor;
  /** Logarithms of the components' shares, [...M, K]. */
  readonly logWeights: Tensor;
}

/** Draws from every component of a mixture in place of a random one. */
export interface Stratified {
  /** Components K. */
  readonly components: number;
  /** Standard normal noise [...L, K, d] and a context [...M, k] to draws. */
  draw(scope: Scope, normal: Tensor, context: Tensor): Strata;
}

/**
 * A conditional density over u in R^d. A plain description; weights live in the scope it is applied in.
 *
 * Leading axes of u (or of the noise) and of the context broadcast: with u [batch, draws, d] and a context [batch, 1, k], what
 * depends on the context alone is computed once for all draws. Shapes other than `draws` and `batch` must be static.
 */
export interface ConditionalDensity {
  readonly kind: string;
  noise(d: number): BaseNoise;
  /** Whether it only makes draws, and `logDensity` throws. */
  readonly withoutDensity?: boolean;
  /** log q(u | context), [...]; u [...L, d], context [...M, k]. */
  logDensity(scope: Scope, u: Tensor, context: Tensor): Tensor;
  /**
   * What it is learned by: the loss of each u in its context, [...]. By default minus the log-density; families that are learned otherwise, such as
   * flow matching, have their own.
   */
  readonly loss?: (scope: Scope, u: Tensor, context: Tensor) => Tensor;
  /** Draws [...L, d] from base noise, differentiable in the weights wherever the family allows. */
  sample(scope: Scope, noise: NoiseTensors, context: Tensor): Tensor;
  /**
   * Of densities that are learned from noisy parameters x = cos φ · u + sin φ · z: E[u | x, context], [...L, d], at points [...L, d] and one level for all of them, by which
   * posteriors of many data sets are composed.
   */
  readonly denoise?: (scope: Scope, x: Tensor, level: Level, context: Tensor) => Tensor;
  /**
   * For mixtures, whose draws are not differentiable in the components' shares: E f(u) = Σ_k π_k E f(u_k) is, in draws of every
   * component.
   */
  readonly strata?: Stratified;
  /** What its answers cannot be, in a line: said in training. */
  readonly limits?: string;
  /** What it is, for people and files. */
  describe(): Json;
}

/** A density but for what it says of itself: how a flow is built, for instance. */
export type Flow = Omit<ConditionalDensity, "kind" | "describe">;

/** A setting that is a density. */
export const densitySlot = slot<ConditionalDensity>(
  "density",
  "a density, such as splineCoupling()",
);
