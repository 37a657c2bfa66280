/**
 * Layer and batch normalisation and dropout, with the weights and statistics they keep in a scope.
 */
import {
  add,
  batchNorm,
  dropout as drop,
  layerNorm,
  mul,
  onesInit,
  staticShape,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";

/** Share of the past that running statistics keep at each step. */
const MOMENTUM = 0.99;

function affine(scope: Scope, width: number): readonly [Tensor, Tensor] {
  return [scope.variable("gain", [width], onesInit), scope.variable("offset", [width], zerosInit)];
}

/** Each vector of x [..., n] to mean zero and variance one, then a learned gain and offset (Ba et al. 2016, arXiv 1607.06450). */
export function layerNormalization(scope: Scope, x: Tensor): Tensor {
  return layerNorm(x, ...affine(scope, Number(x.shape.at(-1))));
}

function toward(state: Tensor, value: Tensor): Tensor {
  return add(mul(state, MOMENTUM), mul(value, 1 - MOMENTUM));
}

/**
 * Each feature of x [..., n] to mean zero and variance one over the batch, then a learned gain and offset (Ioffe & Szegedy 2015,
 * arXiv 1502.03167). Inference uses running statistics, and so does what is fixed.
 */
export function batchNormalization(scope: Scope, x: Tensor): Tensor {
  const width = Number(x.shape.at(-1));
  const [gain, offset] = affine(scope, width);
  const mean = scope.state("mean", [width], 0);
  const variance = scope.state("variance", [width], 1);
  if (!scope.training || scope.fixed) {
    return batchNorm(x, gain, offset, { mean, variance }).y;
  }
  const batch = batchNorm(x, gain, offset);
  scope.assign(mean, toward(mean, batch.mean));
  scope.assign(variance, toward(variance, batch.variance));
  return batch.y;
}

/** In training, sets a share of the elements to zero and scales the others up (Srivastava et al. 2014). */
export function dropout(scope: Scope, x: Tensor, share: number): Tensor {
  if (!scope.training || scope.fixed || share === 0) return x;
  return drop(x, scope.noise(staticShape(x.shape, "dropout"), "uniform"), share);
}
