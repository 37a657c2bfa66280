/**
 * What a method says of itself in a file, where an answer depends on it.
 */
import type { z } from "zod";
import { FileError } from "../files/container.js";
import type { Details } from "./contents.js";

/**
 * The description of an estimator's method.
 *
 * @throws FileError where it says something else than the method does.
 */
export function descriptionOf<T>(schema: z.ZodType<T>, { method, description }: Details): T {
  const parsed = schema.safeParse(description);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FileError(
    `the estimator's file is damaged: of its method ${method} it does not say what it must (${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown"})`,
  );
}
