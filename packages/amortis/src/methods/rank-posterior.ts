/**
 * Posteriors of ranks: where in its prior each parameter lies.
 *
 * With F_j the distribution function of the prior of parameter j, its rank u_j = F_j(θ_j) is uniform under the prior, whatever the parameter and its units. A
 * network sorts the data into B bins of equal prior probability, by cross-entropy,
 *
 *     γ* = argmin E_{p(θ, Z)} Σ_j -log π_γ,j(bin of u_j | Z),        π*_j(b | Z) = p(u_j in bin b | Z),
 *
 * a proper score of the whole distribution (Gneiting & Raftery 2007, doi 10.1198/016214506000001437; classification in bins for regression as in van den Oord
 * et al. 2016, arXiv 1601.06759, section 2). A flat histogram is the prior; ranks compare parameters of different units, need no unconstrained space, and
 * serve priors that are code and discrete ones alike. Of values that tie under the prior the rank is the highest.
 */
import {
  cast,
  constant,
  expandDims,
  greater,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reshape,
  softmax,
  sum,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, mlp, transformedSpecs } from "../networks/index.js";
import { networkSlot, summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { stream } from "../random/index.js";
import { Settings } from "../settings/settings.js";
import type { Method } from "./method.js";
import { longTraining, trainedForLong } from "./usual-training.js";

const settings = new Settings(
  "method",
  "rankPosterior",
  z.strictObject({
    /** What is done to the data first: expert or learned summaries in their place, or beside them. */
    transform: transformSlot.optional(),
    /** S(Z). By default what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    /** From the summary to the logits of the bins. */
    head: networkSlot.default(() => mlp({ hidden: [64], activation: "silu" })),
    /** Bins B of equal prior probability. */
    bins: z.int().min(2).max(1000).default(50),
  }),
  { alias: "rank-posterior", about: "posteriors of the rank of each parameter under its prior" },
);

/** Networks and bins of posteriors of ranks. */
export type RankPosteriorOptions = z.input<typeof settings.schema>;

/** Draws of the prior that its quantiles are taken from. */
const PRIOR_DRAWS = 20_000;

/**
 * Posteriors of the rank of each flat parameter among draws of its prior.
 *
 * @throws InvalidArgumentError where a setting is out of range.
 * @example
 * const estimator = await train(rankPosterior(field), { simulations: 20_000 });
 * (await estimator.ranks({ z })).mean().range;   // 0.9: higher than nine tenths of the prior
 */
export function rankPosterior<M extends AnyModel>(
  model: M,
  options: RankPosteriorOptions = {},
): Method<M, "rank"> {
  const resolved = settings.resolve(options);
  const { transform, head, bins } = resolved;
  const specs = transformedSpecs(model.dataSpecs, transform);
  const { summary = defaultSummary(specs) } = resolved;
  const p = model.parameterSize;
  const edges = priorEdges(model, bins);

  /** Logits of the bins, [batch, p, bins], and the summary that they are of. */
  function logits(
    scope: Scope,
    data: Readonly<Record<string, Tensor>>,
  ): { readonly logits: Tensor; readonly context: Tensor } {
    const context = summary.apply(scope.child("summary"), data);
    const outputs = head.apply(scope.child("head"), context, p * bins);
    return { logits: reshape(outputs, [outputs.shape[0] ?? 1, p, bins]), context };
  }

  const method: Method<M, "rank"> = {
    name: settings.kind,
    model,
    description: settings.describe({ transform, summary, head, bins }),
    ...(transform && { transform }),
    answers: { kind: "rank", bins, givesContext: true },
    losses: ({ scope, data, parameters, standardization: { parameters: moments } }) => {
      // Edges as the parameters are, standardised in double precision: [p, bins - 1].
      const standardized = edges.map((own, j) =>
        own.map(
          (edge) =>
            (edge - (moments.offset?.[j] ?? 0) - (moments.mean[j] ?? 0)) / (moments.sd[j] ?? 1),
        ),
      );
      const above = greater(expandDims(parameters, -1), constant(standardized));
      const bin = cast(sum(cast(above, "float32"), { axes: [-1] }), "int64");
      const hit = mul(oneHot(bin, bins), logSoftmax(logits(scope, data).logits, -1));
      return neg(sum(hit, { axes: [-2, -1] }));
    },
    programs: ({ scope, inputs, data }) => {
      const { logits: all, context } = logits(scope, data);
      return { ranks: { inputs, outputs: { probabilities: softmax(all, -1), context } } };
    },
  };
  return trainedForLong(specs, longTraining, (usual) => ({
    ...method,
    ...(usual && { usual }),
  }));
}
rankPosterior.settings = settings;

/** The ends between bins, for each flat parameter [p, bins - 1]: halfway between draws of the prior, below those that tie. */
function priorEdges(model: AnyModel, bins: number): readonly (readonly number[])[] {
  const random = stream("prior ranks");
  const draws = Array.from({ length: PRIOR_DRAWS }, (_, i) => model.samplePrior(random.split(i)));
  return Array.from({ length: model.parameterSize }, (_, j) => {
    const sorted = Float64Array.from(draws, (theta) => theta[j] ?? 0).toSorted();
    return Array.from({ length: bins - 1 }, (__, k) => {
      const value = sorted[Math.round(((k + 1) * PRIOR_DRAWS) / bins)] ?? 0;
      const below = sorted[sorted.findIndex((other) => other >= value) - 1] ?? value - 1;
      return (below + value) / 2;
    });
  });
}
