/**
 * How the command ends: status 0 where all went well, 1 where something failed, 2 where it was asked for something that cannot be.
 */
import { AmortisError } from "amortis";

/** Exit statuses. */
export const DONE = 0;
export const FAILED = 1;
export const BAD_INPUT = 2;

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

/** Text without line breaks. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, " ");
}
