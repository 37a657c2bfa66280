/**
 * Generalised mixed models of all sorts, drawn at random with the designs of `drawProblem`: what answers are held against.
 *
 * Binomial responses of one trial or of up to twenty, Poisson ones of means from a tenth to thirty; priors of four families about effects that links make of such a size.
 */
import { halfNormal, type Stream } from "amortis";
import { familyOf, type FamilyName } from "./family.js";
import { correlationFactor, partials, type VariancePriors } from "./priors.js";
import type { FixedPrior, Observations } from "./problem.js";
import { drawProblem, drawScale, rootMeanSquare } from "./simulate.js";

/** A generalised model with its data, and the truth. */
export interface DrawnCounts {
  readonly observations: Observations;
  readonly trials: Float64Array;
  readonly fixedPrior: FixedPrior;
  readonly priors: VariancePriors;
  readonly fixed: Float64Array;
  readonly sd: Float64Array;
  readonly partial: Float64Array;
  /** Effects [groups, q]. */
  readonly effects: Float64Array;
}

/** Draws one. */
export function drawCounts(random: Stream, name: FamilyName): DrawnCounts {
  const family = familyOf(name);
  const { observations, priors: design } = drawProblem(random.split("design"));
  const { fixed, random: columns, group, groups, response } = observations;
  const [n, q] = [response.length, columns.length];
  const most = name === "binomial" && random.uniform() < 0.5 ? 20 : 1;
  const trials = Float64Array.from({ length: n }, () => 1 + Math.floor(most * random.uniform()));
  const centre =
    name === "binomial" ? 1.5 * random.normal() : Math.log(0.1) + 5.7 * random.uniform();
  const priors: VariancePriors = {
    ...design,
    sd: columns.map((column) => {
      const scale = Math.exp(-0.6 + 0.4 * random.normal()) / rootMeanSquare(column);
      const prior = drawScale(scale, random);
      // Half a Cauchy distribution has effects that no one would believe of a link.
      return prior.name === "halfCauchy" ? halfNormal(scale) : prior;
    }),
  };
  const sd = Float64Array.from(priors.sd, (prior) => Math.max(prior.sample(random)[0] ?? 1, 1e-9));
  const fixedPrior = {
    mean: fixed.map((_, k) => (k === 0 ? centre : 0)),
    sd: fixed.map((column) => 0.7 / rootMeanSquare(column)),
  };
  const beta = Float64Array.from(
    fixed,
    (_, k) => (fixedPrior.mean[k] ?? 0) + (fixedPrior.sd[k] ?? 1) * random.normal(),
  );
  const partial = Float64Array.from(partials(q), ([, , level]) => {
    if (!priors.correlated) return 0;
    const b = priors.lkj + (q - 1 - level) / 2;
    return Math.min(Math.max(2 * random.beta(b, b) - 1, 1e-9 - 1), 1 - 1e-9);
  });
  const factor = new Float64Array(q * q);
  correlationFactor(partial, q, factor);
  const effects = new Float64Array(groups * q);
  for (let j = 0; j < groups; j++) {
    const noise = Float64Array.from({ length: q }, () => random.normal());
    for (let r = 0; r < q; r++)
      for (let k = 0; k <= r; k++)
        effects[j * q + r] =
          (effects[j * q + r] ?? 0) + (sd[r] ?? 1) * (factor[r * q + k] ?? 0) * (noise[k] ?? 0);
  }
  const counts = Float64Array.from({ length: n }, (_, i) => {
    let eta = 0;
    for (const [k, column] of fixed.entries()) eta += (column[i] ?? 0) * (beta[k] ?? 0);
    for (const [k, column] of columns.entries())
      eta += (column[i] ?? 0) * (effects[(group[i] ?? 0) * q + k] ?? 0);
    const mean = family.mean(eta);
    return name === "poisson"
      ? random.poisson(Math.min(mean, 1e9))
      : random.binomial(trials[i] ?? 1, mean);
  });
  return {
    observations: { ...observations, response: counts },
    trials,
    fixedPrior,
    priors,
    fixed: beta,
    sd,
    partial,
    effects,
  };
}
