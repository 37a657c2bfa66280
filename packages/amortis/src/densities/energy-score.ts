/**
 * The energy score of draws, by which densities are validated whose training loss says nothing of how good their draws are (Gneiting & Raftery 2007,
 * doi 10.1198/016214506000001437):
 *
 *     E ‖x - u‖ - ½ E ‖x - x'‖,
 *
 * with x and x' two draws in the context of u. On average it is least where draws follow the distribution of u.
 */
import {
  add,
  expandDims,
  mean,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import type { ConditionalDensity } from "./density.js";
import { lossNoise } from "./loss-noise.js";

/** Draws for each example. */
const DRAWS = 16;

/**
 * The score of each u [batch, d] in its context [batch, k], always by the same noise: [batch].
 */
export function energyScore(
  { noise, sample }: Pick<ConditionalDensity, "noise" | "sample">,
  scope: Scope,
  u: Tensor,
  context: Tensor,
): Tensor {
  const [batch = 1, d = 1] = u.shape.map(Number);
  const normal = lossNoise(scope, [batch, DRAWS, noise(d).normal], "normal", "energy score");
  const x = sample(scope, { normal }, expandDims(context, 1));
  const away = mean(distance(x, expandDims(u, 1)), { axes: [-1] });
  const between = mean(distance(expandDims(x, 1), expandDims(x, 2)), { axes: [-1, -2] });
  return sub(away, mul(between, 0.5 * (DRAWS / (DRAWS - 1))));
}

function distance(a: Tensor, b: Tensor): Tensor {
  return sqrt(add(sum(square(sub(a, b)), { axes: [-1] }), 1e-12));
}
