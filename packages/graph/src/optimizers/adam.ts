/**
 * Adam (Kingma & Ba 2015, arXiv 1412.6980) and AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101).
 *
 *     m ← β₁ m + (1 - β₁) g        v ← β₂ v + (1 - β₂) g²
 *     θ ← (1 - η λ) θ - η m̂ / (√v̂ + ε),      m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ)
 *
 * The graph carries M = m / (1 - β₁) and V = v / (1 - β₂), which need one operation less each a step. What that leaves out and the bias
 * corrections are scalars, worked out on the host in double precision: with c = √((1 - β₂ᵗ) / (1 - β₂)),
 *
 *     M ← β₁ M + g        V ← β₂ V + g²        θ ← (1 - η λ) θ - η c (1 - β₁) / (1 - β₁ᵗ) · M / (√V + ε c)
 */
import { constant } from "../leaves.js";
import { add, div, mul, sqrt, square, sub } from "../operations/elementwise.js";
import type { Optimizer, UpdateContext } from "./optimizer.js";

/** Settings of Adam. */
export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

function define(name: string, options: AdamOptions, weightDecay: number): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    name,
    slots: 2,
    scalars: (step, learningRate) => {
      const c = Math.sqrt((1 - beta2 ** step) / (1 - beta2));
      const stepSize = (learningRate * c * (1 - beta1)) / (1 - beta1 ** step);
      return weightDecay > 0
        ? [stepSize, epsilon * c, learningRate * weightDecay]
        : [stepSize, epsilon * c];
    },
    update: ({ weights, gradient, slots, scalars, decayMask }: UpdateContext) => {
      const [m, v] = slots;
      const [stepSize, offset, decay] = scalars;
      if (!m || !v || !stepSize || !offset)
        throw new TypeError("adam: slots or scalars are missing");
      const nextM = add(mul(m, beta1), gradient);
      const nextV = add(mul(v, beta2), square(gradient));
      const step = mul(div(nextM, add(sqrt(nextV), offset)), stepSize);
      const decayed = decay ? sub(weights, mul(weights, mul(constant(decayMask), decay))) : weights;
      return { weights: sub(decayed, step), slots: [nextM, nextV] };
    },
  };
}

/** Adam with bias correction. */
export function adam(options: AdamOptions = {}): Optimizer {
  return define("adam", options, 0);
}

/** Adam with decoupled weight decay of matrices and kernels; biases and gains are left alone. */
export function adamW(options: AdamOptions & { readonly weightDecay?: number } = {}): Optimizer {
  return define("adamW", options, options.weightDecay ?? 0.01);
}
