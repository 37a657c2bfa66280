/**
 * Approximate Bayesian computation, amortized: a reference table of simulations, of which those are accepted whose summaries are nearest to those of the data, and adjusted by regression.
 *
 *     p(θ | Z) ≈ Σ_k K(d(S(Z⁽ᵏ⁾), S(Z)) / ε) δ(θ⁽ᵏ⁾*),      ε: the distance of the last that is accepted,      θ*: as if its summary were that of the data (`abc/adjust.ts`)
 *
 * Nothing is learned of the posterior's shape. As ε goes to zero the answer goes to the posterior given the summary, and how near it is to zero is said with every answer. A short summary is everything:
 * the share of simulations that lie within ε shrinks with the power of its length. Where data are long, posterior means are learned first (Fearnhead & Prangle 2012, JRSS B 74, 419; by networks, Jiang et al. 2017,
 * arXiv 1510.02175).
 *
 * References: Pritchard, Seielstad, Perez-Lezaun & Feldman 1999, for rejection; Beaumont, Zhang & Balding 2002, Genetics 162, 2025; Blum & François 2010; Mestdagh et al. 2019, for one table for all data.
 */
import { InvalidArgumentError, mean, square, sub } from "@amortis/graph";
import * as z from "zod";
import { isFree, specsOf, type ArraySpecs } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, linearSummary, rawSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { rooms, Settings } from "../settings/settings.js";
import type { Method } from "./method.js";

const settings = new Settings(
  "method",
  "abc",
  z.strictObject({
    /** Expert or learned summaries in the place of the data, or beside them. */
    transform: transformSlot.optional(),
    /**
     * Whether posterior means are "learned" of the data, or of what the transform makes of them, by a network (the usual one for such data, or one that is given); or these are the summary themselves, "data".
     * By default "data" of a transform and of up to 16 numbers.
     */
    summary: z
      .union([z.enum(["data", "learned"]), summarySlot])
      .register(rooms, { room: "summary" })
      .optional(),
    /** Share of the table that is accepted. By default 1 %, but 500 to 5,000 of its rows. */
    accept: z.number().gt(0).max(1).optional(),
    /** How accepted parameters are adjusted: by a regression of their mean and of their spread on the summary, of the mean alone ("linear"), or not. */
    adjustment: z.enum(["heteroscedastic", "linear", "none"]).default("heteroscedastic"),
    /** What distances are measured in: the median absolute deviation of each number of the summary, or its covariance. */
    distance: z.enum(["mad", "mahalanobis"]).default("mad"),
  }),
  { about: "posteriors, by approximate Bayesian computation from a reference table" },
);

/** Summary, tolerance and adjustment of approximate Bayesian computation. */
export type AbcOptions = z.input<typeof settings.schema>;

/** Numbers up to which data are a summary of themselves. */
const FEW = 16;

/**
 * Approximate Bayesian computation from a reference table: the simulations it is "trained" on, which its file holds by their parameters and summaries.
 *
 * @throws InvalidArgumentError where data of a size that varies are to be their own summary.
 * @example
 * const estimator = await train(abc(field, { transform: roughness }), { simulations: 200_000 });
 * const posterior = await estimator.given({ z });
 * posterior.check;   // how fine the tolerance is
 */
export function abc<M extends AnyModel>(model: M, options: AbcOptions = {}): Method<M, "abc"> {
  const { transform, accept, adjustment, distance, summary: asked } = settings.resolve(options);
  const specs = transformedSpecs(model.dataSpecs, transform);
  const how = asked ?? usualSummary(specs, transform !== undefined);
  const isLearned = how !== "data";
  if (!isLearned) requireFixed(specs);
  const network = how === "learned" ? defaultSummary(specs) : how;
  const summary = network === "data" ? rawSummary() : linearSummary(network, model.parameterSize);
  const size = isLearned ? model.parameterSize : lengthOf(specs);
  return {
    name: settings.kind,
    model,
    description: settings.describe({ transform, summary, accept, adjustment, distance, size }),
    ...(transform && { transform }),
    answers: { kind: "abc", size, adjustment, distance, ...(accept !== undefined && { accept }) },
    keepsTable: true,
    ...(!isLearned && { learnsNothing: true }),
    losses: ({ scope, data, parametersSeen }) =>
      mean(square(sub(summary.apply(scope.child("summary"), data), parametersSeen)), { axes: [1] }),
    programs: ({ scope, inputs, data }) => ({
      context: { inputs, outputs: { context: summary.apply(scope.child("summary"), data) } },
    }),
  };
}
abc.settings = settings;

function usualSummary(specs: ArraySpecs, isTransformed: boolean): "data" | "learned" {
  const isVector = !Object.values(specs).some(isFree);
  return isVector && (isTransformed || lengthOf(specs) <= FEW) ? "data" : "learned";
}

/** Numbers of data, flattened and joined. */
function lengthOf(specs: ArraySpecs): number {
  return Object.values(specs).reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** @throws InvalidArgumentError where data are no vector of fixed length. */
function requireFixed(specs: ArraySpecs): void {
  const free = Object.entries(specsOf(specs)).find(([, spec]) => isFree(spec));
  if (free === undefined) return;
  throw new InvalidArgumentError(
    `abc: "${free[0]}" has a size that varies, so that it is no summary by itself: leave \`summary\` to "learned", or give a transform of fixed length`,
  );
}
