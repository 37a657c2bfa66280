/**
 * Layer and batch normalisation, and dropout.
 */
import {
  add,
  cast,
  greaterEqual,
  mean,
  mul,
  onesInit,
  reshape,
  sqrt,
  square,
  staticShape,
  div,
  sub,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";

const EPSILON = 1e-5;

/** Share of the past that running statistics keep at each step. */
const MOMENTUM = 0.99;

function gained(scope: Scope, x: Tensor): Tensor {
  const width = Number(x.shape.at(-1));
  return add(
    mul(x, scope.variable("gain", [width], onesInit)),
    scope.variable("offset", [width], zerosInit),
  );
}

/** Each vector to mean zero and variance one, then a learned gain and offset (Ba et al. 2016, arXiv 1607.06450). */
export function layerNormalization(scope: Scope, x: Tensor): Tensor {
  const centred = sub(x, mean(x, { axes: [-1], keepDims: true }));
  const variance = mean(square(centred), { axes: [-1], keepDims: true });
  return gained(scope, div(centred, sqrt(add(variance, EPSILON))));
}

/**
 * Each feature to mean zero and variance one over the batch, then a learned gain and offset (Ioffe & Szegedy 2015,
 * arXiv 1502.03167). Inference uses running statistics.
 */
export function batchNormalization(scope: Scope, x: Tensor): Tensor {
  const width = Number(x.shape.at(-1));
  const runningMean = scope.state("mean", [width], 0);
  const runningVariance = scope.state("variance", [width], 1);
  if (!scope.training) {
    return gained(scope, div(sub(x, runningMean), sqrt(add(runningVariance, EPSILON))));
  }
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const centre = mean(x, { axes });
  const centred = sub(x, centre);
  const variance = mean(square(centred), { axes });
  const toward = (state: Tensor, value: Tensor): Tensor =>
    add(mul(state, MOMENTUM), mul(reshape(value, [width]), 1 - MOMENTUM));
  scope.assign(runningMean, toward(runningMean, centre));
  scope.assign(runningVariance, toward(runningVariance, variance));
  return gained(scope, div(centred, sqrt(add(variance, EPSILON))));
}

/** In training, sets a share of the elements to zero and scales the others up (Srivastava et al. 2014). */
export function dropout(scope: Scope, x: Tensor, share: number): Tensor {
  if (!scope.training || share === 0) return x;
  const noise = scope.noise(staticShape(x.shape, "dropout"), "uniform");
  return mul(mul(x, cast(greaterEqual(noise, share), x.dtype)), 1 / (1 - share));
}
