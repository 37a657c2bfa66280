/**
 * A posterior in numbers, which a worker can send.
 */
import type { Posterior } from "amortis";
import type { Answer } from "../protocol/types.js";

/** A posterior in numbers. */
export function answerOf(
  posterior: Posterior,
  level: number,
  warnings: readonly string[],
  milliseconds: number,
): Answer {
  const flat = (values: Readonly<Record<string, number | Float64Array>>): readonly number[] =>
    Object.values(values).flatMap((value) => (typeof value === "number" ? [value] : [...value]));
  const { note, label, typicality, check, status } = posterior;
  return {
    names: posterior.parameterNames,
    draws: Float64Array.from(posterior.draws),
    mean: flat(posterior.mean()),
    sd: flat(posterior.sd()),
    lower: flat(posterior.quantile((1 - level) / 2)),
    upper: flat(posterior.quantile((1 + level) / 2)),
    status,
    ...(label !== undefined && { label }),
    ...(typicality !== undefined && { typicality }),
    ...(check?.k !== undefined && { k: check.k }),
    ...(note !== undefined && { note }),
    warnings,
    milliseconds,
  };
}
