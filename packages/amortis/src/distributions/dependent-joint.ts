/**
 * The joint distribution of parameters of which some depend on others: in their order, each given those before it.
 *
 *     p(θ) = Π_k p_k(θ_k | θ_1 ... θ_{k-1})
 *
 * In unconstrained space every parameter is where its base is, so that all are independent there.
 */
import {
  add,
  concat,
  div,
  log,
  mul,
  slice,
  sub,
  sum,
  InvalidArgumentError,
  type Tensor,
} from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import { isDependent, type DependentDistribution } from "./dependent.js";
import { requireLength, type Distribution, type VectorDistribution } from "./distribution.js";
import type { Stream } from "../random/index.js";
import { productSupport } from "./independent.js";
import { evaluateTerm, parametersOf, termInGraph, type Term } from "./term.js";

/** One parameter of the flat vector, and where it is in unconstrained space. */
interface Piece {
  readonly name: string;
  /** What it is, or what it is made of. */
  readonly base: Distribution;
  readonly dependence?: DependentDistribution["dependence"];
  readonly start: number;
  readonly end: number;
}

type Numbers = (name: string, at: number) => number;
type Tensors = (name: string, at: number) => Tensor;

/** Up to so many roundings of single precision, in which draws are kept, a value belongs to the bound beside it. */
const ROUNDING = 2 ** -21;

/** @throws InvalidArgumentError where a parameter depends on one that is not before it, or has no such place. */
function checkOrder(pieces: readonly Piece[]): void {
  for (const [i, { name, dependence }] of pieces.entries()) {
    const terms = dependence === undefined ? [] : [...dependence.shift, ...dependence.scale];
    for (const [other, at] of terms.flatMap(parametersOf)) {
      const found = pieces.slice(0, i).find((one) => one.name === other);
      if (found !== undefined && at < found.end - found.start) continue;
      const before = pieces.slice(0, i).map((one) => one.name);
      throw new InvalidArgumentError(
        `the prior of "${name}" depends on ${found === undefined ? `"${other}", which is not before it (before it are ${before.join(", ") || "none"})` : `number ${at} of "${other}", which has ${found.end - found.start}`}`,
      );
    }
  }
}

/** Where coordinates are moved to, [2][size], by the parameters before. */
function numbersOf(
  { dependence }: Piece,
  values: Numbers,
): readonly [number[], number[]] | undefined {
  if (dependence === undefined) return undefined;
  const all = (terms: readonly Term[]): number[] => terms.map((term) => evaluateTerm(term, values));
  return [all(dependence.shift), all(dependence.scale)];
}

/** x as its base has it; NaN where there is no place for it. */
function toBase(piece: Piece, x: Float64Array, values: Numbers): Float64Array {
  const moved = numbersOf(piece, values);
  if (moved === undefined) return x;
  const { lower, upper } = piece.base.support;
  return x.map((value, i) => {
    const [shift = 0, scale = 1] = [moved[0][i], moved[1][i]];
    if (!(scale > 0)) return Number.NaN;
    const y = (value - shift) / scale;
    const near = (ROUNDING * (Math.abs(value) + Math.abs(shift))) / scale;
    const [lo = -Infinity, hi = Infinity] = [lower[i], upper[i]];
    if (y < lo && y >= lo - near) return lo;
    return y > hi && y <= hi + near ? hi : y;
  });
}

/** @throws InvalidArgumentError where a scale is not positive. */
function fromBase(piece: Piece, y: Float64Array, values: Numbers): Float64Array {
  const moved = numbersOf(piece, values);
  if (moved === undefined) return y;
  return y.map((value, i) => {
    const [shift = 0, scale = 1] = [moved[0][i], moved[1][i]];
    if (scale > 0) return shift + scale * value;
    throw new InvalidArgumentError(
      `the scale of "${piece.name}" must be positive, but is ${scale} for some of the parameters before it: let it depend on one whose prior is positive, or take .exp()`,
    );
  });
}

/**
 * A draw of a prior given the parameters before it, as a model's `prior` draws them one after another: of a group's parameters, given those above it.
 *
 * @param name of the parameter, for the error.
 * @param values the numbers of the parameters that it depends on.
 * @throws InvalidArgumentError where its scale is not positive at these.
 */
export function sampleGiven(
  name: string,
  prior: Distribution,
  random: Stream,
  values: (name: string, at: number) => number,
): Float64Array {
  if (!isDependent(prior)) return prior.sample(random);
  const { base } = prior.dependence;
  const piece = { name, base, dependence: prior.dependence, start: 0, end: base.size };
  return fromBase(piece, base.sample(random), values);
}

/** Σ log scale. */
function logScales(piece: Piece, values: Numbers): number {
  const [, scales = []] = numbersOf(piece, values) ?? [];
  return scales.reduce((total, scale) => total + Math.log(scale), 0);
}

/** Shift and scale [..., size] in a graph. */
function tensorsOf(
  { dependence }: Piece,
  values: Tensors,
  dtype: Tensor["dtype"],
): readonly [Tensor, Tensor] | undefined {
  if (dependence === undefined) return undefined;
  const all = (terms: readonly Term[]): Tensor => {
    const [first] = terms;
    const isOne = terms.every((term) => term === first);
    const each = (isOne ? terms.slice(0, 1) : terms).map((term) =>
      termInGraph(term, values, dtype),
    );
    const [only] = each;
    if (only !== undefined && each.length === 1) return only;
    const longest = each.find((one) => one.rank > 0);
    return concat(
      each.map((one) => (longest === undefined || one.rank > 0 ? one : add(mul(longest, 0), one))),
      -1,
    );
  };
  return [all(dependence.shift), all(dependence.scale)];
}

/** Σ log scale over coordinates, [...]. */
function logScalesInGraph({ end, start }: Piece, like: Tensor, scale: Tensor): Tensor {
  return sum(log(add(mul(slice(like, -1, start, end), 0), scale)), { axes: [-1] });
}

/** The joint distribution of named parameters, each given those before it. */
export function dependentJoint(priors: Readonly<Record<string, Distribution>>): VectorDistribution {
  let size = 0;
  const pieces = Object.entries(priors).map(([name, prior]): Piece => {
    const start = size;
    size += prior.size;
    const place = { name, start, end: size };
    return isDependent(prior)
      ? { ...place, base: prior.dependence.base, dependence: prior.dependence }
      : { ...place, base: prior };
  });
  checkOrder(pieces);
  const starts = new Map(pieces.map(({ name, start }) => [name, start]));
  const numbersIn =
    (theta: Float64Array): Numbers =>
    (name, at) =>
      theta[(starts.get(name) ?? 0) + at] ?? Number.NaN;
  const support = productSupport(Object.values(priors));
  let bijection: Bijection | undefined;

  const bases = (theta: Float64Array): readonly (readonly [Piece, Float64Array])[] =>
    pieces.map((piece) => [
      piece,
      toBase(piece, theta.subarray(piece.start, piece.end), numbersIn(theta)),
    ]);

  return {
    name: "independent",
    shape: [size],
    size,
    support: { ...support, kind: "dependent" },
    get bijection() {
      bijection ??= dependentBijection(pieces, size, numbersIn, starts);
      return bijection;
    },
    sample: (random) => {
      const theta = new Float64Array(size);
      for (const piece of pieces) {
        theta.set(fromBase(piece, piece.base.sample(random), numbersIn(theta)), piece.start);
      }
      return theta;
    },
    contains: (value) =>
      value.length === size &&
      bases(Float64Array.from(value)).every(([{ base }, y]) => base.contains(y)),
    logDensity: (value) => {
      requireLength("the joint prior", value, size);
      const theta = Float64Array.from(value);
      let total = 0;
      for (const [piece, y] of bases(theta)) {
        const one = piece.base.logDensity(y);
        if (one === -Infinity) return one;
        total += one - logScales(piece, numbersIn(theta));
      }
      return total;
    },
    graph: {
      logDensity: (theta) => {
        const values = tensorsIn(theta, starts);
        return pieces
          .map((piece) => {
            const x = slice(theta, -1, piece.start, piece.end);
            const moved = tensorsOf(piece, values, theta.dtype);
            if (moved === undefined) return piece.base.graph.logDensity(x);
            const [shift, scale] = moved;
            const density = piece.base.graph.logDensity(div(sub(x, shift), scale));
            return sub(density, logScalesInGraph(piece, theta, scale));
          })
          .reduce((a, b) => add(a, b));
      },
    },
    toJSON: () => ({
      name: "independent",
      parts: Object.values(priors).map((one) => one.toJSON()),
    }),
  };
}

function tensorsIn(theta: Tensor, starts: ReadonlyMap<string, number>): Tensors {
  return (name, at) => {
    const place = (starts.get(name) ?? 0) + at;
    return slice(theta, -1, place, place + 1);
  };
}

/** Every parameter by the map of its base, moved and stretched by those before it. */
function dependentBijection(
  pieces: readonly Piece[],
  size: number,
  numbersIn: (theta: Float64Array) => Numbers,
  starts: ReadonlyMap<string, number>,
): Bijection {
  let unconstrainedSize = 0;
  const placed = pieces.map((piece) => {
    const from = unconstrainedSize;
    unconstrainedSize += piece.base.bijection.unconstrainedSize;
    return { piece, from, to: unconstrainedSize };
  });
  const forward = (u: ArrayLike<number>): Float64Array => {
    const all = Float64Array.from(u);
    const theta = new Float64Array(size);
    for (const { piece, from, to } of placed) {
      const y = piece.base.bijection.forward(all.subarray(from, to));
      theta.set(fromBase(piece, y, numbersIn(theta)), piece.start);
    }
    return theta;
  };
  const graphForward = (u: Tensor): Tensor => {
    const done: Tensor[] = [];
    for (const { piece, from, to } of placed) {
      const y = piece.base.bijection.graph.forward(slice(u, -1, from, to));
      const before = done.length > 0 ? concat([...done], -1) : y;
      const moved = tensorsOf(piece, tensorsIn(before, starts), u.dtype);
      done.push(moved === undefined ? y : add(mul(y, moved[1]), moved[0]));
    }
    return concat(done, -1);
  };
  return {
    unconstrainedSize,
    size,
    forward,
    inverse: (given) => {
      const theta = Float64Array.from(given);
      const u = new Float64Array(unconstrainedSize);
      for (const { piece, from } of placed) {
        const x = theta.subarray(piece.start, piece.end);
        u.set(piece.base.bijection.inverse(toBase(piece, x, numbersIn(theta))), from);
      }
      return u;
    },
    logJacobian: (u) => {
      const all = Float64Array.from(u);
      const theta = forward(u);
      return placed.reduce(
        (total, { piece, from, to }) =>
          total +
          piece.base.bijection.logJacobian(all.subarray(from, to)) +
          logScales(piece, numbersIn(theta)),
        0,
      );
    },
    graph: {
      forward: graphForward,
      inverse: (theta) =>
        concat(
          placed.map(({ piece }) => {
            const x = slice(theta, -1, piece.start, piece.end);
            const moved = tensorsOf(piece, tensorsIn(theta, starts), theta.dtype);
            return piece.base.bijection.graph.inverse(
              moved === undefined ? x : div(sub(x, moved[0]), moved[1]),
            );
          }),
          -1,
        ),
      logJacobian: (u) => {
        const theta = graphForward(u);
        return placed
          .map(({ piece, from, to }) => {
            const own = piece.base.bijection.graph.logJacobian(slice(u, -1, from, to));
            const moved = tensorsOf(piece, tensorsIn(theta, starts), u.dtype);
            return moved === undefined ? own : add(own, logScalesInGraph(piece, theta, moved[1]));
          })
          .reduce((a, b) => add(a, b));
      },
    },
  };
}
