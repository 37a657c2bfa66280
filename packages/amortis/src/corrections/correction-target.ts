/**
 * Of what an amortized answer is corrected: the joint density p(Z | θ) p(θ), which it is to follow.
 */
import type { Bijection, Distribution } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import type { TermsTarget } from "../posterior/target.js";

/** Data sets with what networks answer, and with a likelihood. */
export interface CorrectionTarget extends TermsTarget {
  readonly amortized: PosteriorSource;
  readonly prior: Pick<Distribution, "sample" | "logDensity">;
  /** From unconstrained space to the parameters. */
  readonly bijection: () => Bijection;
}
