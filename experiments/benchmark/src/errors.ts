/**
 * What can go wrong with the benchmark.
 */
import { AmortisError } from "amortis";

/** Files that are not there, or do not fit; or a method that the benchmark cannot ask. */
export class BenchmarkError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("data-set", message, options);
  }
}
