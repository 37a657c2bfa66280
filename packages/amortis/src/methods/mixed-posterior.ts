/**
 * Neural posterior estimation of discrete parameters, of parameters that may be exactly zero, and of both beside continuous ones.
 *
 * The posterior is a product of one block after another, in the order of the parameters,
 *
 *     q(θ | Z) = Π_b q_b(θ_b | θ_1 … θ_{b-1}, S(Z)):
 *
 * a softmax over the values of a discrete parameter; of one that may be zero, the probability that it is, and a density where it is not; of continuous ones between them, one density in
 * unconstrained space. All are learned by maximum likelihood over draws of the joint model, so that each is the exact conditional where its networks can be (as the likelihoods of MNLE, Boelts et al.
 * 2022, eLife 11:e77220, with data and parameters exchanged).
 */
import {
  abs,
  add,
  cast,
  concat,
  constant,
  expandDims,
  greater,
  input,
  linear,
  logSoftmax,
  mul,
  neg,
  slice,
  softmax,
  sub,
  sum,
  where,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { restore, standardizeLinearly } from "../data/standardization-graph.js";
import type { ConditionalDensity } from "../densities/density.js";
import type { AnyModel } from "../model/index.js";
import { mlp } from "../networks/mlp.js";
import type { SummaryNetwork } from "../networks/network.js";
import { beside } from "./beside.js";
import type { Method } from "./method.js";
import type { Block } from "./mixed-blocks.js";
import { logScale } from "./posterior-programs.js";
import { intervals, nearest } from "./value-marks.js";

/** Networks of a posterior of blocks. */
export interface MixedNetworks {
  readonly summary: SummaryNetwork;
  /** Of continuous blocks, and of slabs. */
  readonly density: ConditionalDensity;
}

/** Values of a discrete parameter of which later blocks see an indicator each; of more they see the value. */
const MOST_INDICATORS = 32;

/** What a block says of parameters, [..., 1] each: log q_b; and what later blocks see of them. */
interface Seen {
  readonly logDensity: Tensor;
  readonly features: Tensor;
}

/** What a block draws, [..., size], and what later blocks see of it. */
interface Drawn {
  readonly theta: Tensor;
  readonly features: Tensor;
}

const head = mlp({ hidden: [64, 64], activation: "silu" });

/** Columns of base noise that a block takes. */
function noiseOf(block: Block, density: ConditionalDensity) {
  if (block.kind === "discrete") return { normal: 0, uniform: 1 };
  const { normal, uniform } = density.noise(block.moments.mean.length);
  return { normal, uniform: uniform + (block.kind === "spike" ? 1 : 0) };
}

function featuresOf(marks: Tensor, values: readonly number[]): Tensor {
  if (values.length <= MOST_INDICATORS) return marks;
  const scale = Math.max(...values.map(Math.abs), 1);
  return linear(
    marks,
    columnOf(
      values.map((value) => value / scale),
      marks,
    ),
  );
}

function columnOf(values: readonly number[], like: Tensor): Tensor {
  return constant(values, [values.length, 1], like.dtype);
}

/**
 * log q_b and the features of a block's parameters in their context.
 *
 * @param zero how far from zero is still zero: rounding of standardised parameters.
 */
function evaluate(
  block: Block,
  scope: Scope,
  density: ConditionalDensity,
  theta: Tensor,
  context: Tensor,
  zero: number,
): Seen {
  if (block.kind === "discrete") {
    const marks = nearest(theta, block.values);
    const logits = logSoftmax(head.apply(scope.child("values"), context, block.values.length), -1);
    const logDensity = sum(mul(marks, logits), { axes: [-1], keepDims: true });
    return { logDensity, features: featuresOf(marks, block.values) };
  }
  const { prior, moments } = block;
  const isSlab = greater(abs(theta), zero);
  // Where it is zero, the slab is asked of its middle, and not answered for.
  const middle = constant([...prior.bijection.forward(moments.mean)], [block.size], theta.dtype);
  const own = block.kind === "spike" ? where(isSlab, theta, middle) : theta;
  const u = prior.bijection.graph.inverse(own);
  const v = standardizeLinearly(u, moments);
  const scale = add(prior.bijection.graph.logJacobian(u), logScale(moments));
  const log = expandDims(sub(density.logDensity(scope.child("density"), v, context), scale), -1);
  if (block.kind === "continuous") return { logDensity: log, features: v };
  const logits = logSoftmax(head.apply(scope.child("zero"), context, 2), -1);
  const [logZero, logSlab] = [slice(logits, -1, 0, 1), slice(logits, -1, 1, 2)];
  const mark = cast(isSlab, theta.dtype);
  return {
    logDensity: where(isSlab, add(log, logSlab), logZero),
    features: concat([mark, mul(v, mark)], -1),
  };
}

/** A draw of a block by its base noise. */
function draw(
  block: Block,
  scope: Scope,
  density: ConditionalDensity,
  noise: { readonly normal: Tensor | undefined; readonly uniform: Tensor | undefined },
  context: Tensor,
): Drawn {
  const { normal, uniform } = noise;
  if (block.kind === "discrete") {
    const { values } = block;
    const marks = chosen(
      softmax(head.apply(scope.child("values"), context, values.length), -1),
      uniform,
    );
    return { theta: linear(marks, columnOf(values, marks)), features: featuresOf(marks, values) };
  }
  const { prior, moments } = block;
  const own = density.noise(moments.mean.length);
  const base = {
    ...(normal && { normal }),
    ...(uniform && own.uniform > 0 && { uniform: slice(uniform, -1, 0, own.uniform) }),
  };
  const v = density.sample(scope.child("density"), base, context);
  const theta = prior.bijection.graph.forward(restore(v, moments));
  if (block.kind === "continuous") return { theta, features: v };
  const last = uniform && slice(uniform, -1, own.uniform, own.uniform + 1);
  const marks = chosen(softmax(head.apply(scope.child("zero"), context, 2), -1), last);
  const mark = slice(marks, -1, 1, 2);
  return { theta: mul(theta, mark), features: concat([mark, mul(v, mark)], -1) };
}

/** 1 at one of several cases by their probabilities [..., cases] and uniform noise [..., 1]. */
function chosen(probabilities: Tensor, uniform: Tensor | undefined): Tensor {
  if (uniform === undefined) throw new TypeError("a case is chosen by uniform noise");
  const count = Number(probabilities.shape.at(-1));
  const sums = Array.from({ length: count * (count - 1) }, (_, at) =>
    Math.floor(at / (count - 1)) <= at % (count - 1) ? 1 : 0,
  );
  if (count === 1) return intervals(uniform, probabilities, 0);
  const ends = linear(probabilities, constant(sums, [count, count - 1], probabilities.dtype));
  return intervals(uniform, ends, count - 1);
}

/** The method of a posterior of blocks, but for its name and description. */
export function mixedPosterior<M extends AnyModel>(
  model: M,
  blocks: readonly Block[],
  { summary, density }: MixedNetworks,
): Pick<Method<M, "posterior">, "model" | "answers" | "losses" | "programs"> {
  const p = model.parameterSize;
  const noises = blocks.map((block) => noiseOf(block, density));
  const total = (kind: "normal" | "uniform"): number =>
    noises.reduce((count, noise) => count + noise[kind], 0);
  const noise = { normal: total("normal"), uniform: total("uniform") };

  /** Σ_b log q_b of θ [..., p] in a context [..., k]: [...]. */
  function logDensity(
    scope: Scope,
    theta: Tensor,
    context: Tensor,
    zeros: readonly number[],
  ): Tensor {
    let sofar = context;
    const terms = blocks.map((block, b) => {
      const own = slice(theta, -1, block.at, block.at + block.size);
      const seen = evaluate(
        block,
        scope.child(`block${b}`),
        density,
        own,
        sofar,
        zeros[block.at] ?? 0,
      );
      sofar = beside(sofar, seen.features);
      return seen.logDensity;
    });
    return sum(concat(terms, -1), { axes: [-1] });
  }

  return {
    model,
    answers: { kind: "posterior", noise },
    losses: ({ scope, data, parameters, standardization: { parameters: moments } }) => {
      const context = summary.apply(scope.child("summary"), data);
      // Single precision does not bring a zero back as zero.
      const zeros = moments.mean.map((mean, i) => 1e-6 * (Math.abs(mean) + (moments.sd[i] ?? 1)));
      return neg(logDensity(scope, restore(parameters, moments), context, zeros));
    },
    programs: ({ scope, inputs, data }) => {
      const summarized = summary.apply(scope.child("summary"), data);
      const context = input("context", summarized.shape);
      const shared = expandDims(context, 1);
      const theta = input("theta", ["batch", "draws", p]);
      const base = {
        ...(noise.normal > 0 && { normal: input("normal", ["batch", "draws", noise.normal]) }),
        ...(noise.uniform > 0 && { uniform: input("uniform", ["batch", "draws", noise.uniform]) }),
      };
      return {
        context: { inputs, outputs: { context: summarized } },
        sample: {
          inputs: { context, ...base },
          outputs: { theta: sample(scope, base, shared) },
        },
        logDensity: {
          inputs: { context, theta },
          outputs: { logDensity: logDensity(scope, theta, shared, []) },
        },
      };
    },
  };

  /** Draws [..., p] of base noise in a context [..., k]. */
  function sample(
    scope: Scope,
    base: { readonly normal?: Tensor; readonly uniform?: Tensor },
    context: Tensor,
  ): Tensor {
    let sofar = context;
    const at = { normal: 0, uniform: 0 };
    const next = (kind: "normal" | "uniform", count: number): Tensor | undefined => {
      const all = base[kind];
      if (all === undefined || count === 0) return undefined;
      at[kind] += count;
      return slice(all, -1, at[kind] - count, at[kind]);
    };
    const drawn = blocks.map((block, b) => {
      const own = noises[b] ?? { normal: 0, uniform: 0 };
      const noiseOfBlock = {
        normal: next("normal", own.normal),
        uniform: next("uniform", own.uniform),
      };
      const one = draw(block, scope.child(`block${b}`), density, noiseOfBlock, sofar);
      sofar = beside(sofar, one.features);
      return one.theta;
    });
    return concat(drawn, -1);
  }
}
