/**
 * two_moons: a posterior of two crescents.
 *
 *   θ ~ U(-1, 1)²,   x = (r cos a + 0.25 - |θ₁ + θ₂|/√2,  r sin a + (θ₂ - θ₁)/√2),   a ~ U(-π/2, π/2),   r ~ N(0.1, 0.01²)
 *
 * With (u, v) the point before it is moved, less (0.25, 0), and ϱ its distance from zero, p(x | θ) = N(ϱ; 0.1, 0.01²) / (πϱ) where u ≥ 0, and
 * nothing elsewhere. References: Greenberg, Nonnenmacher and Macke (2019), arXiv 1905.07488; Lueckmann et al. (2021), arXiv 2101.04653, T.8.
 */
import { defineModel, independent, uniform } from "amortis";

const RADIUS = 0.1;
const SD = 0.01;
const SHIFT = 0.25;
const LOG_SD_SQRT_2PI = Math.log(SD) + 0.5 * Math.log(2 * Math.PI);

/** Parameters `theta` [2], data `x` [2]. */
export const twoMoons = defineModel({
  name: "two_moons",
  parameters: { theta: independent([uniform(-1, 1), uniform(-1, 1)]) },
  data: { x: [2] },
  simulate: ({ theta }, random) => {
    const [a = 0, b = 0] = theta;
    const angle = Math.PI * (random.uniform() - 0.5);
    const radius = RADIUS + SD * random.normal();
    return {
      x: [
        radius * Math.cos(angle) + SHIFT - Math.abs(a + b) * Math.SQRT1_2,
        radius * Math.sin(angle) + (b - a) * Math.SQRT1_2,
      ],
    };
  },
  logLikelihood: ({ theta }, { x }) => {
    const [a = 0, b = 0] = theta;
    const u = (x[0] ?? Number.NaN) + Math.abs(a + b) * Math.SQRT1_2 - SHIFT;
    const v = (x[1] ?? Number.NaN) - (b - a) * Math.SQRT1_2;
    if (u < 0) return -Infinity;
    const distance = Math.hypot(u, v);
    return -0.5 * ((distance - RADIUS) / SD) ** 2 - LOG_SD_SQRT_2PI - Math.log(Math.PI * distance);
  },
  module: import.meta.url,
});
