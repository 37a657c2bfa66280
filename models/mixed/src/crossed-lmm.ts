/**
 * Linear mixed models with several grouping terms, crossed or nested.
 *
 * The network knows models of one term. It is asked for each term by itself, told of what the first look has found of that term where the others are there as well, and what it proposes stands side by side: of σ the first term's. What it
 * cannot know, how variances of different terms depend on each other, weights correct: the likelihood is that of all terms together (`crossed-marginal.ts`).
 */
import { stream } from "amortis";
import { answerOf, writeCorrelations, writeEffects, writeFixed, writeSds } from "./answer.js";
import { Coordinates, emptyVariances, SIZE } from "./coordinates.js";
import { correct, SHARE } from "./correction.js";
import { CrossedMarginal } from "./crossed-marginal.js";
import { crossedPilots } from "./crossed-pilot.js";
import { crossedProblemOf } from "./crossed-problem.js";
import type { ChosenPriors } from "./default-priors.js";
import type { Design } from "./design.js";
import { networkProposals, type MixedEstimator } from "./estimator.js";
import { featuresOf } from "./features.js";
import type { Formula } from "./formula.js";
import type { MixedPosterior } from "./mixed-posterior.js";
import { limitsOf, type VariancePriors } from "./priors.js";
import { sideBySide } from "./side-by-side.js";
import { unitsOf } from "./units.js";

/** What is asked of a model with several grouping terms. */
export interface CrossedQuestion {
  readonly formula: Formula;
  readonly design: Design;
  readonly chosen: ChosenPriors;
  readonly estimator: MixedEstimator;
  readonly samples: number;
  readonly proposals: number;
  readonly seed: number;
  readonly correction: "importance" | "metropolis";
}

/** What is known of one term. */
interface Term {
  readonly coordinates: Coordinates;
  readonly units: Float64Array;
  readonly priors: VariancePriors;
  readonly features: Float64Array;
}

/** @throws InvalidArgumentError where there are too many effects; Refusal where the answer could not be trusted. */
export async function answerCrossed(question: CrossedQuestion): Promise<MixedPosterior> {
  const { formula, design, chosen, estimator, samples, proposals, seed, correction } = question;
  const problem = crossedProblemOf(design, chosen.fixed);
  const marginal = new CrossedMarginal(problem);
  const terms = termsOf(marginal, chosen.terms);
  const size = SIZE * terms.length;
  const drawn = Math.ceil(SHARE * proposals);
  const networks = await Promise.all(
    // Seeds apart, or the terms' draws would be of the same noise.
    terms.map(({ features }, t) => networkProposals(estimator, features, drawn, seed + 7_919 * t)),
  );
  const variances = terms.map(({ coordinates }) => emptyVariances(coordinates.q));
  const lambdas = variances.map(({ lambda }) => lambda);
  const locate = (z: Float32Array, at: number): void => {
    for (const [t, { coordinates }] of terms.entries()) {
      const own = variances[t];
      if (own !== undefined) coordinates.variances(z, own, at + t * SIZE);
    }
  };
  const corrected = await correct(
    sideBySide(networks),
    (z) =>
      Float64Array.from({ length: z.length / size }, (_, i) => {
        locate(z, i * size);
        let prior = 0;
        for (const [t, { coordinates, priors, units }] of terms.entries()) {
          const own = variances[t];
          if (own !== undefined)
            prior += coordinates.logPrior(z, own, priors, units, i * size + t * SIZE);
        }
        if (!(prior > -Infinity)) return -Infinity;
        return prior + marginal.logLikelihood(variances[0]?.sigma ?? 1, lambdas);
      }),
    size,
    proposals,
    stream(seed).split("correction"),
    terms.flatMap(({ coordinates }, t) => coordinates.idle.map((place) => t * SIZE + place)),
  );
  const first = problem.terms[0]?.problem;
  const scale = first?.scale ?? 1;
  const fixed = new Float64Array(problem.p);
  const effects = problem.terms.map(
    (term) => new Float64Array(term.problem.groups * term.problem.q),
  );
  return answerOf({
    formula,
    design,
    scalars: ["sigma"],
    corrected,
    correction,
    samples,
    seed,
    logEvidence: corrected.logEvidence - problem.n * Math.log(scale),
    write: (row, fresh, random, values, from) => {
      if (fresh) {
        locate(corrected.z, row * size);
        marginal.logLikelihood(variances[0]?.sigma ?? 1, lambdas);
      }
      marginal.drawEffects(fixed, effects, random);
      let at = first === undefined ? from : writeFixed(first, fixed, values, from);
      for (const [t, { units }] of terms.entries()) {
        const own = variances[t];
        if (own !== undefined) at = writeSds(own, units, values, at);
      }
      for (const [t, { coordinates }] of terms.entries()) {
        const own = variances[t];
        if (own !== undefined && coordinates.correlated) at = writeCorrelations(own, values, at);
      }
      values[at++] = (variances[0]?.sigma ?? 1) * scale;
      for (const [t, { units }] of terms.entries())
        at = writeEffects(effects[t] ?? new Float64Array(0), units.subarray(1), values, at);
    },
  });
}

/** The first look, and for each term its coordinates and what the network is told: σ is the first term's, and known to the others. */
function termsOf(marginal: CrossedMarginal, chosen: readonly VariancePriors[]): readonly Term[] {
  const { terms } = marginal.problem;
  const units = terms.map(({ problem }) => unitsOf(problem.scale, problem.randomScale));
  const limits = chosen.map((priors, t) => limitsOf(priors, units[t] ?? []));
  const pilots = crossedPilots(marginal, limits);
  return terms.flatMap(({ problem }, t) => {
    const [pilot, priors, own, limit] = [pilots[t], chosen[t], units[t], limits[t]];
    if (pilot === undefined || priors === undefined || own === undefined) return [];
    const coordinates = new Coordinates(problem, pilot, priors.correlated, limit ?? [], t > 0);
    const features = featuresOf(problem, pilot, coordinates, priors, own);
    return [{ coordinates, units: own, priors, features }];
  });
}
