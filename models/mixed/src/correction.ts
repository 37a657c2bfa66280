/**
 * From what a network proposes to the posterior: importance weights by the exact likelihood, of which random and fixed effects are integrated out.
 *
 *     w_i = p(y | ψ_i) p(ψ_i) / q(ψ_i),      q = 0.9 q_network + 0.1 t,      p(y) ≈ mean w_i
 *
 * with t of five degrees of freedom, twice as wide as the network's draws, so that no weight is large because the network's tails are thin. Weights are Pareto-smoothed; where their shape k says that they cannot be trusted, or they are worth few draws,
 * proposals are drawn again from t distributions of the weighted moments (adaptive importance sampling), some times at most. Of the same proposals in their order, independence Metropolis accepts a share.
 *
 * References: Vehtari, Simpson, Gelman, Yao & Gabry 2024, arXiv 1507.02646; Cappé, Guillin, Marin & Robert 2004, "Population Monte Carlo"; Tierney 1994 for independence Metropolis.
 */
import { Refusal, type Stream } from "amortis";
import { paretoSmooth, trustedShape, type ParetoSmoothed } from "amortis/extend";
import { activeOf, WideT } from "./wide-t.js";

/** Share of proposals of the wide distribution, and its scale beside the network's. */
const DEFENCE = 0.1;
/** Share of the network's. */
export const SHARE = 1 - DEFENCE;
const WIDER = 2;
/** Share of equal weights that proposals are to be worth, or they are drawn again. */
const WORTH = 0.1;
/** Times that proposals are drawn again at most. */
const ROUNDS = 6;

/** Draws of the network with their log-densities. */
export interface Proposals {
  /** [n, size] */
  draws(count: number): Promise<ArrayLike<number>>;
  /** Of [n, size]: [n]. */
  logDensity(z: Float32Array): Promise<ArrayLike<number>>;
}

/** Weighted proposals. */
export interface Corrected extends ParetoSmoothed {
  /** [n, size] */
  readonly z: Float32Array;
  readonly logEvidence: number;
  /** Share of the proposals that independence Metropolis accepts. */
  readonly acceptance: number;
  /** Places in z of the states of independence Metropolis: [n]. */
  readonly chain: Uint32Array;
  /** What proposed: the network, or t distributions after so many rounds. */
  readonly rounds: number;
}

/**
 * Weighs proposals.
 *
 * @param logTarget of [n, size]: log p(y | ψ) p(ψ), up to nothing.
 * @param size of a row.
 * @param idle places of a row that nothing depends on: standard normal in the target as in all proposals.
 * @throws Refusal where weights cannot be trusted after all rounds.
 */
export async function correct(
  network: Proposals,
  logTarget: (z: Float32Array) => Float64Array,
  size: number,
  count: number,
  random: Stream,
  idle: readonly number[] = [],
): Promise<Corrected> {
  const own = Float32Array.from(await network.draws(Math.ceil(SHARE * count)));
  const wide = aroundDraws(own, undefined, size, WIDER * WIDER, idle);
  const z = new Float32Array(count * size);
  z.set(own);
  fill(z, own.length / size, wide, size, random);
  const logNetwork = await network.logDensity(z);
  const logs = logTarget(z);
  const first = logs.map((log, i) => {
    const a = Math.log1p(-DEFENCE) + (logNetwork[i] ?? -Infinity);
    const b = Math.log(DEFENCE) + wide.logDensity(z, i * size);
    const most = Math.max(a, b);
    return log - most - Math.log(Math.exp(a - most) + Math.exp(b - most));
  });
  let found = weighed(z, first, 0, random);
  const isGood = ({ k, effective }: Corrected): boolean =>
    k <= trustedShape(count) && effective >= WORTH * count;
  for (let round = 1; round <= ROUNDS && !isGood(found); round++) {
    const near = aroundDraws(found.z, found.logWeights, size, 1.2, idle);
    const next = new Float32Array(count * size);
    fill(next, 0, near, size, random);
    const target = logTarget(next);
    found = weighed(
      next,
      target.map((log, i) => log - near.logDensity(next, i * size)),
      round,
      random,
    );
  }
  if (found.k <= trustedShape(count)) return found;
  throw new Refusal(
    `importance weights of the variances cannot be trusted: the shape of their tail is ${found.k.toFixed(2)} (at most ${trustedShape(count).toFixed(2)}) after ${ROUNDS} rounds; give more proposals, or priors that tell more`,
    { because: "importance weights that cannot be trusted" },
  );
}

/** Draws in the rows from `start` on. */
function fill(z: Float32Array, start: number, proposal: WideT, size: number, random: Stream): void {
  for (let i = start; i < z.length / size; i++) proposal.sample(random, z, i * size);
}

/** By the mean and the covariance of rows, weighted: tempered where a few rows have all the weight. */
function aroundDraws(
  z: Float32Array,
  logWeights: Float64Array | undefined,
  size: number,
  factor: number,
  idle: readonly number[],
): WideT {
  const n = z.length / size;
  const places = activeOf(size, idle);
  const d = places.length;
  const weights = Float64Array.from({ length: n }, (_, i) =>
    Math.exp(logWeights?.[i] ?? -Math.log(n)),
  );
  let power = 1;
  const effective = (): number => {
    let [sum, squares] = [0, 0];
    for (const weight of weights) {
      sum += weight ** power;
      squares += weight ** (2 * power);
    }
    return (sum * sum) / squares;
  };
  while (effective() < 20 * d && power > 0.05) power *= 0.7;
  const total = weights.reduce((sum, weight) => sum + weight ** power, 0);
  const mean = new Float64Array(d);
  const scale = new Float64Array(d * d);
  for (let i = 0; i < n; i++) {
    const weight = (weights[i] ?? 0) ** power / total;
    for (const [a, place] of places.entries())
      mean[a] = (mean[a] ?? 0) + weight * (z[i * size + place] ?? 0);
  }
  const off = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const weight = (weights[i] ?? 0) ** power / total;
    for (const [a, place] of places.entries()) off[a] = (z[i * size + place] ?? 0) - (mean[a] ?? 0);
    for (let a = 0; a < d; a++) {
      const left = weight * factor * (off[a] ?? 0);
      for (let b = 0; b <= a; b++)
        scale[a * d + b] = (scale[a * d + b] ?? 0) + left * (off[b] ?? 0);
    }
  }
  for (let a = 0; a < d; a++) scale[a * d + a] = (scale[a * d + a] ?? 0) + 1e-6;
  return new WideT(mean, scale, idle);
}

/** @throws Refusal where no proposal has mass. */
function weighed(
  z: Float32Array,
  logWeights: Float64Array,
  rounds: number,
  random: Stream,
): Corrected {
  const most = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(most)) {
    throw new Refusal("no proposal has any mass: the priors exclude what the data say", {
      because: "no mass",
    });
  }
  const mean = logWeights.reduce((sum, log) => sum + Math.exp(log - most), 0) / logWeights.length;
  const { chain, acceptance } = independenceChain(logWeights, random);
  return {
    ...paretoSmooth(logWeights),
    z,
    logEvidence: most + Math.log(mean),
    acceptance,
    chain,
    rounds,
  };
}

/** Independence Metropolis through proposals in random order, from one that is drawn by its weight. */
function independenceChain(
  logWeights: Float64Array,
  random: Stream,
): { readonly chain: Uint32Array; readonly acceptance: number } {
  const n = logWeights.length;
  const order = random.permutation(n);
  const most = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  let now = random.categorical(Array.from(logWeights, (log) => Math.exp(log - most)));
  let accepted = 0;
  const chain = Uint32Array.from(order, (next) => {
    if (Math.log(random.positive()) < (logWeights[next] ?? -Infinity) - (logWeights[now] ?? 0)) {
      accepted++;
      now = next;
    }
    return now;
  });
  return { chain, acceptance: accepted / n };
}
