/**
 * What can go wrong, in words and as an exit status.
 */
import { AmortisError } from "amortis/answers";
import { BAD_INPUT, FAILED, oneLine } from "./exit.js";

/** Asked for something that cannot be: one line says what, and what to do. */
export class UsageError extends Error {}

/** Stopped by Ctrl-C, with nothing more to save. */
export class InterruptedError extends Error {}

/** Codes of the library's errors that are the user's to mend. */
const USERS: ReadonlySet<string> = new Set([
  "invalid-argument",
  "shape",
  "model",
  "data",
  "data-set",
  "file",
  "unsupported",
]);

/** Exit status of an error: that of its cause, where the cause is the user's to mend. */
export function statusOf(error: unknown): number {
  if (error instanceof UsageError) return BAD_INPUT;
  if (!(error instanceof AmortisError)) return FAILED;
  return USERS.has(error.code) ? BAD_INPUT : statusOf(error.cause);
}

/** An error in one line; errors that nobody foresaw say their class. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const foreseen =
    error instanceof AmortisError ||
    error instanceof UsageError ||
    error instanceof InterruptedError;
  return oneLine(foreseen ? error.message : `${error.name}: ${error.message}`);
}
