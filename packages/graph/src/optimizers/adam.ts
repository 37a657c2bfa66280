/**
 * Adam (Kingma & Ba 2015, arXiv 1412.6980) and AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101).
 *
 *     m ← β₁ m + (1 - β₁) g        v ← β₂ v + (1 - β₂) g²
 *     θ ← (1 - η λ) θ - η m̂ / (√v̂ + ε),      m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ)
 *
 * The bias corrections are scalars, so they are folded into the step size η √(1 - β₂ᵗ) / (1 - β₁ᵗ) and into ε √(1 - β₂ᵗ),
 * worked out on the host: the graph is a dozen operations on one flat vector.
 */
import { constant } from "../leaves.js";
import { add, div, mul, sqrt, sub } from "../operations/elementwise.js";
import type { Optimizer, UpdateContext } from "./optimizer.js";

/** Settings of Adam. */
export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

// Added to the gradient so that the moments of weights that no longer move settle at a normal number instead of decaying
// into denormals, which slow some processors and WebAssembly many times over. Against ε = 1e-8 it moves nothing.
const DENORMAL_GUARD = 1e-15;

function define(name: string, options: AdamOptions, weightDecay: number): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    name,
    slots: 2,
    scalars: (step, learningRate) => {
      const correction = Math.sqrt(1 - beta2 ** step);
      const stepSize = (learningRate * correction) / (1 - beta1 ** step);
      return weightDecay > 0
        ? [stepSize, epsilon * correction, learningRate * weightDecay]
        : [stepSize, epsilon * correction];
    },
    update: ({ weights, gradient, slots, scalars, decayMask }: UpdateContext) => {
      const [m, v] = slots;
      const [stepSize, offset, decay] = scalars;
      if (!m || !v || !stepSize || !offset)
        throw new TypeError("adam: slots or scalars are missing");
      const g = add(gradient, DENORMAL_GUARD);
      const nextM = add(m, mul(sub(g, m), 1 - beta1));
      const nextV = add(v, mul(sub(mul(g, g), v), 1 - beta2));
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
