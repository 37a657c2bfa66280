/**
 * What chains walk on: log p(Z | θ) + log p(θ) of data sets from a first one on, with gradients where the terms have them.
 */
import { UnsupportedError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import type { LogTarget } from "../samplers/target.js";
import { jointTarget } from "./joint-target.js";
import { priorSlope } from "./prior-slope.js";
import type { TermsTarget } from "./target.js";

/** Terms with the prior they go with. */
export interface ChainTerms extends TermsTarget {
  readonly prior: Distribution;
}

/** The target of so many data sets from a first one on. */
export type ChainTargets = (start: number, size: number) => LogTarget;

/** Targets of ranges of data sets. */
export function chainTargets(target: ChainTerms): ChainTargets {
  const { prior, slopes, flatNames } = target;
  const p = flatNames.length;
  const ofPrior = slopes === undefined ? undefined : priorSlope(prior);
  return (start, size) => ({
    ...jointTarget(target, start, size),
    ...(slopes !== undefined &&
      ofPrior !== undefined && {
        valueAndGradient: async (theta, first, last) => {
          const { value, gradient } = await slopes(theta, start + first, start + last);
          for (const [i, term] of value.entries()) {
            // Where there is no mass there is no slope either.
            if (term === -Infinity) continue;
            const at = theta.subarray(i * p, (i + 1) * p);
            value[i] = term + ofPrior.logDensity(at);
            ofPrior.addGradient(at, gradient.subarray(i * p, (i + 1) * p));
          }
          return { value, gradient };
        },
      }),
  });
}

/** @throws UnsupportedError where a sampler needs gradients, which a target does not have. */
export function requireGradients(
  { name, needsGradients = false }: { readonly name: string; readonly needsGradients?: boolean },
  target: LogTarget,
): void {
  if (!needsGradients || target.valueAndGradient !== undefined) return;
  throw new UnsupportedError(
    `the sampler ${name}() needs the gradient of the log-likelihood (or log ratio) and of the prior, which are not known here: a model has one by logLikelihoodGradient or graphLogLikelihood, an estimator by a file written since there are such samplers, and no simplex has one; take sliceSampler(), ensemble() or smc(), which need none`,
  );
}
