/**
 * Nested R̂: whether many short chains have converged. Chains that start at the same point are a superchain; what its mean errs by is bias of the start and noise, and with many chains the
 * noise is small, however short they are.
 *
 *     nR̂ = √(1 + B / W),    B = Var_k θ̄_k,    W = mean_k (Var_m θ̄_mk + mean_m Var_n θ_nmk)
 *
 * over superchains k, their chains m, and draws n of these. Of K superchains that have converged, of chains worth e draws in all each, nR̂ is about √(1 + 1 / e).
 *
 * Reference: Margossian, Hoffman, Sountsov, Riou-Durand, Vehtari & Gelman (2024), "Nested R̂: assessing the convergence of Markov chain Monte Carlo when running many short chains",
 * arXiv 2110.13017.
 */
import { InvalidArgumentError } from "@amortis/graph";

/**
 * Nested R̂ of one quantity.
 *
 * @param superchains of two or more, each the chains from one start; all chains of one length.
 * @returns 1 or more; Infinity where every chain is stuck, but not all at one value; NaN where all draws are one value, or one is not finite.
 * @throws InvalidArgumentError where there are fewer than two superchains, or chains are of different lengths or numbers.
 * @example nestedRHat([[first, second], [third, fourth]])   // first and second start together
 */
export function nestedRHat(superchains: readonly (readonly ArrayLike<number>[])[]): number {
  const chains = superchains[0]?.length ?? 0;
  const length = superchains[0]?.[0]?.length ?? 0;
  const isEven = superchains.every(
    (each) => each.length === chains && each.every((chain) => chain.length === length),
  );
  if (superchains.length < 2 || length === 0 || !isEven) {
    throw new InvalidArgumentError(
      `nestedRHat needs two superchains or more, of as many chains each, all of one length, but was given ${superchains.map((each) => each.map((chain) => chain.length).join("+")).join(", ") || "none"}`,
    );
  }
  const found = superchains.map((each) => {
    const means = each.map((chain) => meanOf(Array.from(chain)));
    const within = meanOf(each.map((chain) => varianceOf(Array.from(chain))));
    return { mean: meanOf(means), variance: varianceOf(means) + within };
  });
  const between = varianceOf(found.map(({ mean }) => mean));
  return Math.sqrt(1 + between / meanOf(found.map(({ variance }) => variance)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n - 1; zero of a single value. */
function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
