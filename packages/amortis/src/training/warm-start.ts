/**
 * Training that goes on from a trained estimator: its weights, and its standardisation.
 */
import { InvalidArgumentError, type Variables } from "@amortis/graph";
import type { Standardization } from "../data/standardization.js";
import { weightsByName, type Contents } from "../estimators/contents.js";
import type { Method } from "../methods/method.js";

/**
 * The standardisation of an estimator, for another training of the method that it is of.
 *
 * @throws InvalidArgumentError where it is of another method, other networks or another model.
 */
export function standardizationFrom({ details }: Contents, method: Method): Standardization {
  const own = JSON.stringify([method.name, method.model.name, method.description]);
  const known = JSON.stringify([details.method, details.model.name, details.description]);
  if (own !== known) {
    throw new InvalidArgumentError(
      `train goes on from an estimator of the same method with the same networks, but "from" is ${known} and the method ${own}`,
    );
  }
  // A classifier of valid simulations and the range of summaries are learned anew.
  const { validity: _validity, summary: _summary, ...rest } = details.standardization;
  return rest;
}

/**
 * The weights of an estimator in the order of variables.
 *
 * @throws InvalidArgumentError where one is not there, or of another shape.
 */
export function weightsFrom(contents: Contents, variables: Variables): Float32Array {
  const known = weightsByName(contents);
  const all = new Float32Array(variables.entries.reduce((total, { size }) => total + size, 0));
  let offset = 0;
  for (const { name, shape, size } of variables.entries) {
    const own = known[name];
    if (!(own?.data instanceof Float32Array) || String(own.shape) !== String(shape)) {
      throw new InvalidArgumentError(
        `train cannot go on from this estimator: it has no weights "${name}" of shape [${shape.join(", ")}]; members of an ensemble that were left out of the file cannot be gone on from, so train with members: 1`,
      );
    }
    all.set(own.data, offset);
    offset += size;
  }
  return all;
}
