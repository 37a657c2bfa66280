/**
 * How each data set of a batch was answered, or why it was not: one that cannot be answered stops no other.
 */
import { UnsupportedError } from "@amortis/graph";
import type { ChainSummary } from "./chain-summary.js";

/** What answered: a network, one that was refined to the data set, a grid, Markov chains, tempered populations, weighted draws, draws accepted by rejection, a reference table; or nothing. */
export type AnswerStatus =
  | "amortized"
  | "refined"
  | "grid"
  | "mcmc"
  | "smc"
  | "importance"
  | "rejection"
  | "abc"
  | "refused";

/**
 * What an answer claims, where it was checked: to be the posterior under the model's own likelihood, up to the number of draws ("exact", by a grid or Markov chains; "corrected", by
 * weights of what the networks drew), or near it ("amortized": of the networks as they are); or nothing ("refused").
 */
export type AnswerLabel = "exact" | "corrected" | "amortized" | "refused";

/** What an answer was checked by. */
export interface AnswerCheck {
  /** Shape of the tail of importance weights; see `paretoSmooth`. */
  readonly k?: number;
  /** Of how many equal weights they are worth. */
  readonly effective?: number;
  /** Total variation distance of what the networks answer from the posterior, estimated: no probability is further off. */
  readonly distance?: number;
  /** Nested R̂ of many short chains, of the worst parameter. */
  readonly nestedRHat?: number;
  /** Of rejection: the share of the prior's draws that was accepted. */
  readonly acceptance?: number;
  /** Of a reference table: the share of it that was accepted. */
  readonly quantile?: number;
  /** Of the same: the distance of the farthest accepted draw, in units of the median distance of all simulations. */
  readonly reach?: number;
  /** Of the same: how unlike the nearer and the farther half of the accepted draws are, in standard deviations; zero where that may be chance. */
  readonly drift?: number;
  /** Of the same: share of the accepted draws' variance that the adjustment explains. */
  readonly explained?: number;
}

/** How one data set was answered. */
export interface Answer {
  readonly status: AnswerStatus;
  readonly label?: AnswerLabel;
  readonly check?: AnswerCheck;
  /** How typical the data are of the model, a p-value: small where the model may not describe them. See `typicality` of estimators. */
  readonly typicality?: number;
  /** Of Markov chains and populations: whether they agree, and what their draws are worth. */
  readonly convergence?: ChainSummary;
  /** What is to be known of it: which methods would not do, and why. */
  readonly note?: string;
  /** Why it is refused. */
  readonly refusal?: Refusal;
}

/** Why a method does not answer a data set. */
export class Refusal extends UnsupportedError {
  /** Whether other methods would fail as well, or should: a fault of the model or of the data. */
  readonly final: boolean;
  /** The cause in few words, the same for all data sets that have it: what refusals are counted by. */
  readonly because: string;

  constructor(
    message: string,
    {
      final = false,
      because = "no method answers",
    }: { readonly final?: boolean; readonly because?: string } = {},
  ) {
    super(message);
    this.final = final;
    this.because = because;
  }
}

/** The answer that is none. */
export function refused(refusal: Refusal): Answer {
  return { status: "refused", note: refusal.message, refusal };
}

/** A refusal that was thrown, for `catch` of a promise: whatever else was is thrown again. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

/** What is found, or the refusal that is thrown. */
export function orRefusal<T>(find: () => T): T | Refusal {
  try {
    return find();
  } catch (error) {
    return refusalOf(error);
  }
}
