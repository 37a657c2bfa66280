/**
 * Linear mixed models by a formula.
 *
 *     y = X β + Z b + ε,      b_j ~ N(0, Σ),      ε ~ N(0, σ²)
 *
 * A network that was trained once, on models of all sorts, proposes standard deviations and correlations given a few numbers of the data and of the priors; the exact likelihood, of which β and b are integrated out,
 * weighs its proposals; β and b are drawn from what they are given the variances, which is normal. So the network can make an answer slow, or have it refused, but not wrong.
 *
 * Reference: metabeta, "Bayesian mixed-effects models by pretrained networks" (arXiv 2609.24422), for a pretrained network with priors among its inputs that importance sampling corrects; here it has nothing to learn of effects.
 */
import { stream } from "amortis";
import { requireKnown, type KnownOptions } from "amortis/extend";
import { answerOf, writeCorrelations, writeEffects, writeFixed, writeSds } from "./answer.js";
import { emptyVariances, SIZE } from "./coordinates.js";
import { correct, SHARE } from "./correction.js";
import { answerCrossed } from "./crossed-lmm.js";
import { choosePriors, responseScale } from "./default-priors.js";
import { designOf, observationsOf, type Table } from "./design.js";
import { loadMixed, networkProposals } from "./estimator.js";
import { parseFormula } from "./formula.js";
import { lookAt } from "./look.js";
import type { MixedPosterior } from "./mixed-posterior.js";
import { requireFew, requireNumbers, type MixedOptions } from "./options.js";

/** How a linear mixed model is answered. */
export type LmmOptions = MixedOptions;

const KNOWN: KnownOptions<LmmOptions> = {
  priors: true,
  samples: true,
  proposals: true,
  seed: true,
  correction: true,
  estimator: true,
};

/**
 * The posterior of a linear mixed model.
 *
 * @param formula as of lme4, with three effects of a grouping term at most: "y ~ x + (x | group)", crossed "y ~ (1 | plate) + (1 | sample)", nested "y ~ (1 | batch / cask)".
 * @param data columns by name: numbers, or labels of factors and groups.
 * @throws InvalidArgumentError where the formula or the data cannot be; Refusal where the answer could not be trusted.
 * @example
 * const posterior = await lmm("Reaction ~ Days + (Days | Subject)", sleepstudy);
 * posterior.mean().fixed.Days;
 * posterior.check;                    // { k: 0.1, effective: 1600, acceptance: 0.8, ... }
 *
 * const crossed = await lmm("diameter ~ (1 | plate) + (1 | sample)", penicillin);
 * crossed.mean().sd["(Intercept) | plate"];
 */
export async function lmm(
  formula: string,
  data: Table,
  options: LmmOptions = {},
): Promise<MixedPosterior> {
  requireKnown("lmm", options, KNOWN);
  const { samples = 2_000, proposals = 2_000, seed = 0, correction = "importance" } = options;
  requireNumbers("lmm", { samples, proposals });
  const parsed = parseFormula(formula);
  const design = designOf(parsed, data);
  requireFew("lmm", formula, design);
  const chosen = choosePriors("lmm", design, responseScale(design.response), options.priors);
  const estimator = options.estimator ?? (await loadMixed());
  const [term, ...others] = design.terms;
  const [priors] = chosen.terms;
  if (term === undefined || priors === undefined || others.length > 0) {
    const asked = { samples, proposals, seed, correction };
    return answerCrossed({ formula: parsed, design, chosen, estimator, ...asked });
  }
  const look = lookAt(observationsOf(design, term), chosen.fixed, priors);
  const { marginal, coordinates, units } = look;
  const { n, p, q, groups, scale } = marginal.problem;
  const variances = emptyVariances(q);
  const drawn = Math.ceil(SHARE * proposals);
  const corrected = await correct(
    await networkProposals(estimator, look.features, drawn, seed),
    (z) =>
      Float64Array.from({ length: z.length / SIZE }, (_, i) => {
        coordinates.variances(z, variances, i * SIZE);
        const prior = coordinates.logPrior(z, variances, priors, units, i * SIZE);
        return prior === -Infinity
          ? prior
          : prior + marginal.logLikelihood(variances.sigma, variances.lambda);
      }),
    SIZE,
    proposals,
    stream(seed).split("correction"),
  );
  const [fixed, effects] = [new Float64Array(p), new Float64Array(groups * q)];
  return answerOf({
    formula: parsed,
    design,
    scalars: ["sigma"],
    corrected,
    correction,
    samples,
    seed,
    logEvidence: corrected.logEvidence - n * Math.log(scale),
    write: (row, fresh, random, values, from) => {
      if (fresh) {
        coordinates.variances(corrected.z, variances, row * SIZE);
        marginal.logLikelihood(variances.sigma, variances.lambda);
      }
      marginal.drawEffects(random, fixed, effects);
      let at = writeFixed(marginal.problem, fixed, values, from);
      at = writeSds(variances, units, values, at);
      if (coordinates.correlated) at = writeCorrelations(variances, values, at);
      values[at] = variances.sigma * (units[0] ?? 1);
      writeEffects(effects, units.subarray(1), values, at + 1);
    },
  });
}
