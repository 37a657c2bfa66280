/**
 * How each data set of a batch was answered, or why it was not: one that cannot be answered stops no other.
 */
import { UnsupportedError } from "@amortis/graph";

/** What answered: a network, a grid, Markov chains, weighted draws of the prior; or nothing. */
export type AnswerStatus = "amortized" | "grid" | "mcmc" | "importance" | "refused";

/** How one data set was answered. */
export interface Answer {
  readonly status: AnswerStatus;
  /** How typical the data are of the model, a p-value: small where the model may not describe them. See `typicality` of estimators. */
  readonly typicality?: number;
  /** What is to be known of it: which methods would not do, and why. */
  readonly note?: string;
  /** Why it is refused. */
  readonly refusal?: Refusal;
}

/** Why a method does not answer a data set. */
export class Refusal extends UnsupportedError {
  /** Whether other methods would fail as well, or should: a fault of the model or of the data. */
  readonly final: boolean;

  constructor(message: string, { final = false }: { readonly final?: boolean } = {}) {
    super(message);
    this.final = final;
  }
}

/** The answer that is none. */
export function refused(refusal: Refusal): Answer {
  return { status: "refused", note: refusal.message, refusal };
}

/** What is found, or the refusal that is thrown. */
export function orRefusal<T>(find: () => T): T | Refusal {
  try {
    return find();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
