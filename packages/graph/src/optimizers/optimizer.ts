/**
 * What an optimizer is: a graph from weights, gradient and its own state to their next values.
 */
import type { Tensor } from "../tensor.js";

/** What an update is given; all vectors are flat and of one length. */
export interface UpdateContext {
  readonly weights: Tensor;
  readonly gradient: Tensor;
  /** The optimizer's own vectors. */
  readonly slots: readonly Tensor[];
  /** This step's scalars. */
  readonly scalars: readonly Tensor[];
  /** One where weight decay applies (matrices and kernels), zero elsewhere (biases, gains). */
  readonly decayMask: Float32Array;
}

/** The next weights and vectors. */
export interface Update {
  readonly weights: Tensor;
  readonly slots: readonly Tensor[];
}

/** An optimizer. Plain: it holds no state, the training loop carries it. */
export interface Optimizer {
  readonly name: string;
  /** Number of vectors it carries, all zero at first. */
  readonly slots: number;
  /** Scalars of a step, worked out on the host in double precision. @param step counts from 1. */
  scalars(step: number, learningRate: number): readonly number[];
  update(context: UpdateContext): Update;
}
