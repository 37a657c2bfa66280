/**
 * Weights of the members of an ensemble, by how well each predicts what was held out.
 *
 *     max over w of Σᵢ log Σ_k w_k q_k(θᵢ | Zᵢ) + Σ_k log w_k,
 *
 * by expectation and maximisation; the second sum keeps a few examples from deciding between members of about equal scores (Yao, Vehtari, Simpson
 * & Gelman 2018, arXiv 1704.02030; Smyth & Wolpert 1999, "Linearly combining density estimators via stacking").
 */

/** Steps, each of which brings the weights nearer to the best. */
const STEPS = 200;

/**
 * What an answer may lose, in nats, by a member that is left out: each makes files larger and answers slower. The loss is known to its standard error, which is added, so
 * that of few examples little is concluded.
 */
const WORTH = 0.02;

/**
 * Stacking weights of the members that are worth having, zero of the others: the one without which the mixture loses least is left out, as long as it loses little.
 *
 * @param losses as of `stackingWeights`.
 */
export function sparseWeights(losses: readonly ArrayLike<number>[]): readonly number[] {
  let kept = losses.map((_, k) => k);
  const whole = lossesOf(losses, stackingWeights(losses));
  while (kept.length > 1) {
    const without = kept
      .map((k) => kept.filter((other) => other !== k))
      .map((rest) => ({ rest, cost: costOf(losses, rest, whole) }));
    const least = without.reduce((a, b) => (b.cost < a.cost ? b : a));
    if (least.cost > WORTH) break;
    kept = [...least.rest];
  }
  const found = stackingWeights(kept.map((k) => losses[k] ?? []));
  const weights = losses.map(() => 0);
  for (const [i, k] of kept.entries()) weights[k] = found[i] ?? 0;
  return weights;
}

/** What the mixture of some members loses over that of all, with one standard error. */
function costOf(
  losses: readonly ArrayLike<number>[],
  members: readonly number[],
  whole: Float64Array,
): number {
  const some = members.map((k) => losses[k] ?? []);
  const differences = lossesOf(some, stackingWeights(some)).map(
    (loss, i) => loss - (whole[i] ?? 0),
  );
  const n = differences.length;
  const mean = differences.reduce((a, b) => a + b, 0) / n;
  const squares = differences.reduce((total, d) => total + (d - mean) ** 2, 0);
  return mean + Math.sqrt(squares / Math.max(1, n - 1) / n);
}

/**
 * Stacking weights, which add to one.
 *
 * @param losses of each member, minus the log-densities of the same examples; one that is not finite counts as a density of nothing.
 */
export function stackingWeights(losses: readonly ArrayLike<number>[]): readonly number[] {
  const members = losses.length;
  const examples = losses[0]?.length ?? 0;
  let weights = Array.from({ length: members }, () => 1 / members);
  if (members < 2) return weights;
  const densities = relativeDensities(losses, examples);
  for (let step = 0; step < STEPS; step++) {
    const counts = Array.from({ length: members }, () => 1);
    for (let i = 0; i < examples; i++) {
      const shares = weights.map((w, k) => w * (densities[i * members + k] ?? 0));
      const total = shares.reduce((a, b) => a + b, 0);
      if (!(total > 0)) continue;
      for (const [k, share] of shares.entries()) counts[k] = (counts[k] ?? 0) + share / total;
    }
    const all = counts.reduce((a, b) => a + b, 0);
    weights = counts.map((count) => count / all);
  }
  return weights;
}

/** Mean loss of the mixture. */
export function mixtureLoss(
  losses: readonly ArrayLike<number>[],
  weights: readonly number[],
): number {
  const all = lossesOf(losses, weights);
  return all.reduce((a, b) => a + b, 0) / all.length;
}

/** Loss of the mixture for each example. */
function lossesOf(losses: readonly ArrayLike<number>[], weights: readonly number[]): Float64Array {
  return Float64Array.from({ length: losses[0]?.length ?? 0 }, (_, i) => {
    const least = leastAt(losses, i);
    const density = losses.reduce(
      (sum, loss, k) => sum + (weights[k] ?? 0) * relative(loss[i], least),
      0,
    );
    return least - Math.log(density);
  });
}

/** Densities of each example over that of its best member, [examples, members]. */
function relativeDensities(losses: readonly ArrayLike<number>[], examples: number): Float64Array {
  const members = losses.length;
  const all = new Float64Array(examples * members);
  for (let i = 0; i < examples; i++) {
    const least = leastAt(losses, i);
    for (const [k, loss] of losses.entries()) all[i * members + k] = relative(loss[i], least);
  }
  return all;
}

function leastAt(losses: readonly ArrayLike<number>[], i: number): number {
  return losses.reduce((least, loss) => Math.min(least, finite(loss[i])), Infinity);
}

function relative(loss: number | undefined, least: number): number {
  return Math.exp(least - finite(loss)) || 0;
}

function finite(loss: number | undefined): number {
  return loss !== undefined && Number.isFinite(loss) ? loss : Infinity;
}
