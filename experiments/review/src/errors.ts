/**
 * What can go wrong with the comparison.
 */
import { AmortisError } from "amortis";

/** A directory that cannot be used, or settings that do not fit what it holds. */
export class ReviewError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("data-set", message, options);
  }
}

/** A stage that failed. */
export class StageError extends AmortisError {
  constructor(message: string, code = "stage", options?: ErrorOptions) {
    super(code, message, options);
  }
}
