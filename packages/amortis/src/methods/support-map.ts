/**
 * From a network's outputs to estimates within the support of the prior.
 *
 * Outputs are in units of unconstrained space; but where a parameter is over decades, of its asinh, as networks see data over decades too. What the prior's own
 * link would make of the latter is no guide: normal scores of a gamma prior of shape .01 are as far from linear in the logarithm as a function can be.
 */
import {
  add,
  concat,
  constant,
  maximum,
  minimum,
  mul,
  softplus,
  split,
  stack,
  stopGradient,
  type Tensor,
} from "@amortis/graph";
import {
  custom,
  flattened,
  independent,
  uniform,
  type Distribution,
} from "../distributions/index.js";
import { neighbour } from "../distributions/rounding.js";
import { normalQuantile } from "../math/index.js";
import type { AnyModel } from "../model/index.js";
import type { Moments } from "../data/moments.js";
import { sliceMoments } from "../data/slice-moments.js";
import { standardizeRows, type Standardization } from "../data/standardization.js";
import { restore, restoreSeen, standardize } from "../data/standardization-graph.js";
import { trendSpread } from "../data/linear-trend.js";

/** Estimates [..., p]. */
export interface Estimates {
  /** In the parameters' own units. */
  readonly theta: Tensor;
  /** As networks see parameters. */
  readonly seen: Tensor;
}

/** Maps raw outputs of a network to parameters. */
export interface OutputMap {
  /** Raw outputs that one point estimate takes. */
  readonly pointSize: number;
  /**
   * [..., pointSize] to estimates [..., p].
   *
   * @param trend where the outputs are to start from, [..., pointSize]; then they are in units of the spread about it.
   */
  point(raw: Tensor, trend?: Tensor): Estimates & { readonly place: Tensor };
  /**
   * Quantiles at increasing levels, [..., levels, p], of raw outputs [..., p] each.
   *
   * @param place where the point estimate is, from which the lowest level is an offset where both have the same space.
   */
  increasing(raw: readonly Tensor[], levels: readonly number[], place: Tensor): Estimates;
  /** Of parameters [n, p] the raw outputs [n, pointSize] that would be right; undefined where some have none, or quantiles have another space. */
  inverse(parameters: Float64Array): Float32Array | undefined;
}

/** The map of some parameters side by side. */
interface Part {
  readonly rawSize: number;
  readonly size: number;
  forward(raw: Tensor): Estimates;
  /** A row [size] to [rawSize]. */
  inverse(theta: Float64Array): ArrayLike<number>;
}

/** A prior whose unconstrained space is the estimate's: a discrete parameter is estimated within its range. */
function forPoint(prior: Distribution): Distribution {
  if (prior.support.kind === "dependent") return marginally(prior);
  if (prior.slab !== undefined) return prior.slab;
  if (prior.support.kind !== "discrete") return prior;
  const [lower = 0] = prior.support.lower;
  const [upper = 1] = prior.support.upper;
  // One value alone has no range; a hair's breadth about it has.
  const margin = lower === upper ? 1e-6 * Math.max(1, Math.abs(lower)) : 0;
  return uniform(lower - margin, upper + margin, { link: "logit" });
}

/** The bounds that each parameter has whatever the others: estimates are marginal. */
function marginally({ size, support: { lower, upper } }: Distribution): Distribution {
  const alone = (): never => {
    throw new TypeError("bounds alone have neither draws nor a density");
  };
  return custom({ shape: [size], support: { lower, upper }, sample: alone, logDensity: alone });
}

/** The same coordinate by coordinate: quantiles are marginal, so those of a simplex live in a box. */
function forQuantiles(prior: Distribution): Distribution {
  if (prior.support.kind === "region") return marginally(prior);
  if (prior.support.kind !== "simplex") return forPoint(prior);
  return independent(Array.from({ length: prior.size }, () => uniform(0, 1, { link: "logit" })));
}

/** Neighbouring priors whose parameters are mapped in one way. */
interface Run {
  readonly kind: "link" | "seen";
  readonly priors: readonly Distribution[];
  /** Moments of their parameters, and of their unconstrained space where there is one. */
  readonly parameters: Moments;
  readonly unconstrained: Moments | undefined;
}

/**
 * Ratio of a parameter's standard deviation in unconstrained space to what its own is there, by the link's slope at its mean, from which the link is a step
 * between two ends, in which estimates between them have hardly any room.
 */
const STEEP = 3;

/** Whether estimates of a prior's parameters are made as they are seen, and not by its link: where they are over decades, or the link is a step. */
function isAsSeen(
  prior: Distribution,
  { mean: [mean = 0], sd: [sd = 1], tails, range }: Moments,
  spread: number | undefined,
): boolean {
  const { kind } = prior.support;
  if (kind === "simplex" || kind === "region") return false;
  if (tails?.width.some((width) => width > 0) === true) return true;
  const isLinked = kind !== "dependent" && kind !== "discrete" && prior.size === 1;
  if (!isLinked || spread === undefined || range === undefined) return false;
  const { bijection } = prior;
  const slope = Math.exp(bijection.logJacobian(bijection.inverse([mean])));
  return spread * slope > STEEP * sd;
}

/** Priors by how their parameters are mapped. */
function runsOf(
  priors: readonly Distribution[],
  { unconstrained, parameters }: Standardization,
): readonly Run[] {
  const runs: Run[] = [];
  let [at, offset] = [0, 0];
  let begun = { at, offset, kind: "link" as Run["kind"], priors: [] as readonly Distribution[] };
  const end = (): void => {
    if (begun.priors.length === 0) return;
    runs.push({
      kind: begun.kind,
      priors: begun.priors,
      parameters: sliceMoments(parameters, begun.at, at),
      unconstrained: unconstrained && sliceMoments(unconstrained, begun.offset, offset),
    });
  };
  for (const prior of priors) {
    const own = sliceMoments(parameters, at, at + prior.size);
    const kind = isAsSeen(prior, own, unconstrained?.sd[offset]) ? "seen" : "link";
    if (kind !== begun.kind) {
      end();
      begun = { at, offset, kind, priors: [] };
    }
    begun = { ...begun, priors: [...begun.priors, prior] };
    at += prior.size;
    if (unconstrained !== undefined) offset += prior.bijection.unconstrainedSize;
  }
  end();
  return runs;
}

/** Standard deviations beyond which a value decides no trend. */
const FARTHEST = 4;

/** By the priors' links. */
function linked(
  { priors, unconstrained, parameters }: Run,
  replace: (prior: Distribution) => Distribution,
): Part {
  const { bijection } = independent(priors.map(replace));
  const moments = linkMoments(priors, unconstrained, parameters, replace);
  return {
    rawSize: bijection.unconstrainedSize,
    size: bijection.size,
    forward: (raw) => {
      const theta = bijection.graph.forward(restore(raw, moments));
      return { theta, seen: standardize(theta, parameters) };
    },
    inverse: (theta) =>
      bijection.inverse(theta).map((u, i) => {
        const raw = (u - (moments.mean[i] ?? 0)) / (moments.sd[i] ?? 1);
        // The ends of a discrete parameter are as far as can be.
        return Math.max(-FARTHEST, Math.min(FARTHEST, raw));
      }),
  };
}

/** Moments of the links' spaces, where they are those of the training set; centred and of unit scale elsewhere. */
function linkMoments(
  priors: readonly Distribution[],
  unconstrained: Moments | undefined,
  parameters: Moments,
  replace: (prior: Distribution) => Distribution,
): Moments {
  let [at, offset] = [0, 0];
  const each = priors.map((prior) => {
    const used = replace(prior);
    const size = used.bijection.unconstrainedSize;
    const found =
      used === prior && unconstrained !== undefined
        ? sliceMoments(unconstrained, offset, offset + size)
        : freeMoments(prior, size, sliceMoments(parameters, at, at + prior.size));
    at += prior.size;
    if (unconstrained !== undefined) offset += prior.bijection.unconstrainedSize;
    return found;
  });
  return { mean: each.flatMap(({ mean }) => mean), sd: each.flatMap(({ sd }) => sd) };
}

/** Where parameters that depend on others are by themselves what they are in unconstrained space, they have moments too. */
function freeMoments({ support }: Distribution, size: number, parameters: Moments): Moments {
  const { lower, upper } = support;
  const free = Array.from(
    { length: size },
    (_, i) =>
      (support.kind === "dependent" || support.kind === "region") &&
      lower[i] === -Infinity &&
      upper[i] === Infinity,
  );
  return {
    mean: free.map((is, i) => (is ? (parameters.mean[i] ?? 0) : 0)),
    sd: free.map((is, i) => (is ? (parameters.sd[i] ?? 1) : 1)),
  };
}

/** Of parameters with a bound at zero, the least that single precision bears with its gradients. */
const LEAST = 2 ** -100;

/** Part of the simulated range, in what networks see, by which estimates may leave it: a small training set ends where others go on. */
const MARGIN = 0.25;

/** The most of it of parameters over decades: e to this power. */
const LARGEST_MARGIN = 8;

/**
 * As networks see the parameters, linear but for those over decades, and held near what was simulated: an untrained network's estimates would overflow, e to the power of some hundreds.
 */
function asSeen({ priors, parameters }: Run): Part {
  const bounds = priors.map(({ support }) => support);
  const lower = bounds.flatMap((support) =>
    support.lower.map((bound) => (bound === 0 ? LEAST : neighbour(bound, 1, "float32"))),
  );
  const upper = bounds.flatMap((support) =>
    support.upper.map((bound) => neighbour(bound, -1, "float32")),
  );
  const { range = { lower, upper }, tails } = parameters;
  const seenAt = (values: readonly number[]): Float32Array =>
    standardizeRows(Float64Array.from(values), parameters);
  const [ends, from, to] = [
    [seenAt(lower), seenAt(upper)],
    seenAt(range.lower),
    seenAt(range.upper),
  ] as const;
  const margin = from.map((least, i) => {
    const share = MARGIN * ((to[i] ?? least) - least);
    const isOverDecades = (tails?.width[i] ?? 0) > 0;
    return isOverDecades ? Math.min(share, LARGEST_MARGIN / (tails?.sd[i] ?? 1)) : share;
  });
  const least = constant(
    Array.from(from, (x, i) => Math.max(ends[0][i] ?? x, x - (margin[i] ?? 0))),
  );
  const most = constant(Array.from(to, (x, i) => Math.min(ends[1][i] ?? x, x + (margin[i] ?? 0))));
  const held = (x: Tensor, lo: Tensor, hi: Tensor): Tensor => minimum(maximum(x, lo), hi);
  return {
    rawSize: lower.length,
    size: lower.length,
    forward: (raw) => {
      const seen = held(raw, least, most);
      // Rounding may take what is at a bound beyond it.
      return { theta: held(restoreSeen(seen, parameters), constant(lower), constant(upper)), seen };
    },
    inverse: (theta) => standardizeRows(theta, parameters),
  };
}

/** Several maps side by side. */
function together(parts: readonly Part[]): Part {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const rawSizes = parts.map(({ rawSize }) => rawSize);
  const total = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  return {
    rawSize: total(rawSizes),
    size: total(parts.map(({ size }) => size)),
    forward: (raw) => {
      const pieces = split(raw, rawSizes, -1);
      const made = parts.flatMap((part, k) => {
        const own = pieces[k];
        return own === undefined ? [] : [part.forward(own)];
      });
      return {
        theta: concat(
          made.map(({ theta }) => theta),
          -1,
        ),
        seen: concat(
          made.map(({ seen }) => seen),
          -1,
        ),
      };
    },
    inverse: (theta) => {
      let at = 0;
      return parts.flatMap((part) =>
        Array.from(part.inverse(theta.subarray(at, (at += part.size)))),
      );
    },
  };
}

/** Increasing numbers from raw ones; where those are zero and levels are given, the quantiles of a standard normal distribution. */
function quantileOffsets(
  raw: readonly Tensor[],
  levels: readonly number[] | undefined,
): readonly Tensor[] {
  const scores = levels?.map(normalQuantile) ?? [];
  const from = (own: Tensor, start: number): Tensor =>
    levels === undefined ? own : add(own, start);
  const offsets: Tensor[] = [];
  for (const [k, own] of raw.entries()) {
    const below = offsets.at(-1);
    const gap = (scores[k] ?? 0) - (scores[k - 1] ?? 0);
    offsets.push(
      below === undefined
        ? from(own, scores[0] ?? 0)
        : add(below, softplus(from(own, Math.log(Math.expm1(gap))))),
    );
  }
  return offsets;
}

/** The maps of a model's parameters. */
export function outputMap(model: AnyModel, standardization: Standardization): OutputMap {
  const priors = flattened([model.prior.centred]);
  const runs = runsOf(priors, standardization);
  const mapBy = (replace: (prior: Distribution) => Distribution): Part =>
    together(runs.map((run) => (run.kind === "seen" ? asSeen(run) : linked(run, replace))));
  const points = mapBy(forPoint);
  const quantiles = mapBy(forQuantiles);
  const sameSpace = priors.every(
    ({ support: { kind } }) => kind !== "simplex" && kind !== "region",
  );
  // Checkpoints of version 0.1 hold networks whose outputs meant what they did then; it kept no range.
  const isEarlier = standardization.parameters.range === undefined;
  const { trend } = standardization;
  const spread = trend === undefined ? undefined : constant([...trendSpread(trend)]);
  return {
    pointSize: points.rawSize,
    point: (raw, location) => {
      const place =
        spread === undefined || location === undefined ? raw : add(location, mul(raw, spread));
      return { ...points.forward(place), place };
    },
    increasing: (raw, levels, place) => {
      const offsets = quantileOffsets(raw, isEarlier ? undefined : levels);
      // The quantiles must not pull at the point estimate, which has a loss of its own.
      const from = stopGradient(place);
      const places = sameSpace
        ? offsets.map((one) => add(from, spread === undefined ? one : mul(one, spread)))
        : offsets;
      return quantiles.forward(stack(places, -2));
    },
    inverse: (parameters) => {
      if (!sameSpace) return undefined;
      const n = parameters.length / points.size;
      const raw = new Float32Array(n * points.rawSize);
      for (let i = 0; i < n; i++) {
        const theta = parameters.subarray(i * points.size, (i + 1) * points.size);
        raw.set(points.inverse(theta), i * points.rawSize);
      }
      return raw.every(Number.isFinite) ? raw : undefined;
    },
  };
}
