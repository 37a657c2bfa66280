/**
 * What a method says of itself in a file, where an answer depends on it.
 */
import { FileError } from "../files/container.js";
import { reads, type Schema } from "../schema/schema.js";
import type { Details } from "./contents.js";

/**
 * The description of an estimator's method.
 *
 * @throws FileError where it says something else than the method does.
 */
export function descriptionOf<T>(schema: Schema<T>, { method, description }: Details): T {
  const reading = reads(schema, description);
  if (reading.fits) return reading.value;
  const { place, message } = reading.mismatch;
  throw new FileError(
    `the estimator's file is damaged: of its method ${method} it does not say what it must (${place || "it"} ${message})`,
  );
}
