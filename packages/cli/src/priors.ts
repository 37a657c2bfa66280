/**
 * Files of priors: distributions by parameter, written as estimators' files have them.
 */
import type { Distribution } from "amortis";
import { AmortisError, distributionFromJSON } from "amortis/answers";
import { UsageError } from "./failures.js";
import { readJsonFile } from "./json-file.js";

/** How a file of priors is written, for help texts. */
export const PRIOR_HELP = `
A file of priors is JSON, a distribution for each parameter whose prior is to be another; \`amortis inspect FILE.amortis --json\` shows
the priors of the training in the same form (model.parameters):
  { "range": { "name": "beta", "a": 2, "b": 5 }, "scale": { "name": "truncatedNormal", "mean": 1, "sd": 0.5, "lower": 0, "upper": "Infinity" } }
What a prior has outside the support of the one it was trained with is cut off.`;

/**
 * Reads a file of priors.
 *
 * @throws FileError where it cannot be read; UsageError where it is no JSON, or holds something other than distributions.
 */
export async function readPriors(path: string): Promise<Readonly<Record<string, Distribution>>> {
  const data: unknown = await readJsonFile(path);
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new UsageError(
      `${path} holds no priors by parameter: write { "range": { "name": "uniform", "lower": 0, "upper": 1 } }`,
    );
  }
  return Object.fromEntries(
    Object.entries(data).map(([name, json]) => [name, readPrior(path, name, json)]),
  );
}

function readPrior(path: string, name: string, json: unknown): Distribution {
  try {
    return distributionFromJSON(json);
  } catch (cause) {
    if (!(cause instanceof AmortisError)) throw cause;
    throw new UsageError(`${path}: the prior of "${name}": ${cause.message}`, { cause });
  }
}
