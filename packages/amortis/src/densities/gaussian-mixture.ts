/**
 * A mixture of Gaussians whose weights, means and precisions are functions of the context: a mixture density network
 * (Bishop 1994, "Mixture density networks").
 *
 *     log q(u | context) = log Σ_k π_k N(u; μ_k, Σ_k)
 */
import {
  add,
  cast,
  constant,
  expandDims,
  greaterEqual,
  InvalidArgumentError,
  logSoftmax,
  logSumExp,
  matmul,
  mul,
  reshape,
  softmax,
  split,
  sum,
  transpose,
  type Initializer,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { fromColumns, toColumns } from "./columns.js";
import { conditioner, conditionerSettings } from "./conditioner.js";
import type { ConditionalDensity } from "./density.js";
import {
  covarianceSetting,
  gaussianDraw,
  gaussianLogDensity,
  gaussianParameters,
} from "./gaussian-columns.js";

const settings = new Settings(
  "density",
  "gaussianMixture",
  z.strictObject({
    components: whole.default(8),
    covariance: covarianceSetting.default("full"),
    ...conditionerSettings([64, 64]),
  }),
);

/** Settings of a conditional Gaussian mixture. */
export type GaussianMixtureOptions = z.input<typeof settings.schema>;

/**
 * A conditional mixture of Gaussians. Draws are differentiable in means and precisions, not in the weights π.
 *
 * @param options defaults: 8 components of full covariance, a network of two hidden layers of 64 with ReLU
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: gaussianMixture({ components: 4 }) })
 */
export function gaussianMixture(options: GaussianMixtureOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const { components, covariance, ...network } = resolved;

  /** Logits [..., K, m] and parameters [..., K, p, m] of the components. */
  function mixture(scope: Scope, context: Tensor, d: number): readonly [Tensor, Tensor] {
    const size = gaussianParameters(d, covariance);
    const raw = conditioner(scope, network, [], context, components * (1 + size), {
      lastBias: scatteredMeans(components, size, d),
    });
    const [logits = raw, packed = raw] = split(raw, [components, components * size], -2);
    const shape = [...raw.shape.slice(0, -2), components, size, raw.shape.at(-1) ?? 1];
    return [logits, reshape(packed, shape)];
  }

  return {
    kind: settings.kind,
    noise: (d) => ({ normal: d, uniform: 1 }),
    logDensity: (scope, u, context) => {
      const columns = toColumns(u, "gaussianMixture");
      const given = toColumns(context, "gaussianMixture");
      const [logits, raw] = mixture(scope, given, Number(columns.shape.at(-2)));
      const each = gaussianLogDensity(expandDims(columns, -3), raw, covariance);
      return logSumExp(add(logSoftmax(logits, -2), each), { axes: [-2] });
    },
    sample: (scope, { normal, uniform }, context) => {
      if (normal === undefined || uniform === undefined) {
        throw new InvalidArgumentError(
          "gaussianMixture: sampling needs normal noise [..., d] and uniform noise [..., 1]",
        );
      }
      const columns = toColumns(normal, "gaussianMixture");
      const given = toColumns(context, "gaussianMixture");
      const [logits, raw] = mixture(scope, given, Number(columns.shape.at(-2)));
      const each = gaussianDraw(expandDims(columns, -3), raw, covariance);
      const chosen = choose(softmax(logits, -2), toColumns(uniform, "gaussianMixture"));
      return fromColumns(sum(mul(each, expandDims(chosen, -2)), { axes: [-3] }));
    },
    strata: {
      components,
      draw: (scope, normal, context) => {
        const d = Number(normal.shape.at(-1));
        const given = toColumns(context, "gaussianMixture");
        const [logits, raw] = mixture(scope, given, d);
        // [..., draws, K, d] to [..., K, d, draws] and back: components are where `raw` has them.
        const rank = normal.rank;
        const leading = normal.shape.slice(0, -3).map((_, axis) => axis);
        const columns = transpose(normal, [...leading, rank - 2, rank - 1, rank - 3]);
        const each = gaussianDraw(columns, raw, covariance);
        return {
          draws: transpose(each, [...leading, rank - 1, rank - 3, rank - 2]),
          logWeights: fromColumns(logSoftmax(logits, -2)),
        };
      },
    },
    describe: () => settings.describe(resolved),
  };
}
gaussianMixture.settings = settings;

/** Means begin apart from one another, so that the components learn different things. */
function scatteredMeans(components: number, size: number, d: number): Initializer {
  return (_, random) => {
    const values = new Float64Array(components * (1 + size));
    for (let k = 0; k < components; k++) {
      const start = components + k * size;
      for (let i = 0; i < d; i++) values[start + i] = components === 1 ? 0 : random.normal();
    }
    return values;
  };
}

/** One for the component in whose share of [0, 1) the uniform number lies. */
function choose(probabilities: Tensor, uniform: Tensor): Tensor {
  const k = Number(probabilities.shape.at(-2));
  const square = (f: (i: number, j: number) => number): Tensor =>
    constant(
      Array.from({ length: k }, (_, i) => Array.from({ length: k }, (_, j) => f(i, j))),
      undefined,
      probabilities.dtype,
    );
  const before = matmul(
    square((i, j) => Number(j < i)),
    probabilities,
  );
  const reached = cast(greaterEqual(uniform, before), probabilities.dtype);
  return matmul(
    square((i, j) => Number(j === i) - Number(j === i + 1)),
    reached,
  );
}
