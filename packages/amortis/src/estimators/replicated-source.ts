/**
 * Posteriors of replicates from those of one data set each: composed of denoisers, where the density was learned from noisy parameters, else by the sum of log densities.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { unconstrainedMoments } from "../data/standardization.js";
import type { Distribution, JointPrior } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { summedTerms, type Groups } from "../posterior/replicates.js";
import type { Contents } from "./contents.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf, floatsOf, rows } from "./results.js";

/** What posteriors of replicates are made of. */
export interface Replicated {
  /** Of each data set alone. */
  readonly one: PosteriorSource;
  readonly groups: Groups;
  /** What the networks make of the data sets, [size, k]. */
  readonly context: HostTensor;
  readonly prior: JointPrior;
  readonly contents: Contents;
  readonly programs: OpenedPrograms;
}

/** By denoisers: of files that have them, whose posteriors are not recalibrated. Undefined where the prior under noise is not known. */
export async function composedReplicates({
  groups,
  context,
  prior,
  contents,
  programs,
}: Replicated): Promise<PosteriorSource | undefined> {
  const { answers, standardization } = contents.details;
  const recalibrated = answers.kind === "posterior" && answers.recalibration !== undefined;
  if (contents.programs["denoise"] === undefined || recalibrated) return undefined;
  const { composedSource } = await import("./composed-source.js");
  const width = context.shape[1] ?? 1;
  return composedSource({
    prior: prior.centred,
    slots: prior.slots,
    moments: unconstrainedMoments(standardization),
    trend: standardization.trend,
    flatNames: prior.flatNames,
    groups,
    means: async (which, noisy, level) => {
      const own = new Float32Array(which.length * width);
      for (const [i, set] of which.entries())
        own.set(floatsOf({ row: rows(context, set, set + 1) }, "row"), i * width);
      const feeds = { context: hostTensor(own, [which.length, width]), noisy, level };
      const asked = { what: "denoised parameters", first: which[0] ?? 0, sets: which.length };
      return finiteOf(await programs.run("denoise", feeds), "denoised", asked);
    },
  });
}

/** p(θ | Z₁ .. Z_m) ∝ p(θ) Π_i q(θ | Z_i) / p(θ), on a grid or by Markov chains. @param after the prior that is asked for. */
export async function summedReplicates(
  { one, groups, prior, contents }: Replicated,
  after: Distribution,
): Promise<PosteriorSource> {
  const { posteriorSource } = await import("../posterior/source.js");
  const { slots, flatNames, centred } = prior;
  const p = flatNames.length;
  return posteriorSource({
    slots,
    flatNames,
    size: groups.size,
    logTerms: summedTerms(async (theta, start, end) => {
      const values = await one.logDensity(theta, start, end);
      return values.map((value, i) =>
        value === -Infinity
          ? value
          : value - centred.logDensity(theta.subarray(i * p, (i + 1) * p)),
      );
    }, groups),
    prior: after,
    trained: centred,
    unconstrained: () => contents.details.standardization.unconstrained,
  });
}
