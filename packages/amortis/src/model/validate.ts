/**
 * Definitions checked once, when a model is defined, so that a mistake is met where it was made.
 */
import { AmortisError } from "@amortis/graph";
import { isExternal } from "./external.js";
import { isArraySpecInput, specOf } from "../data/array-spec.js";
import { show } from "../show.js";
import { wrongSize, type SizeSpec } from "./sizes.js";

/** A model that cannot be: the message says which part, and what was expected. */
export class ModelError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("model", message, options);
  }
}

/** Names are those of variables in most languages: they become keys of files, columns and directories. */
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** What a definition has, and what a model has beside it: definitions are made of models too. */
const KNOWN =
  "name parameters data sizes units descriptions precompute simulate module logLikelihood logLikelihoodGradient graphLogLikelihood".split(
    " ",
  );
const OF_MODELS =
  "prior hierarchy stateSpace external dataSpecs dataShapes parameterSize parameterNames samplePrior logPrior pack unpack packData".split(
    " ",
  );

/**
 * Checks the plain parts of a definition.
 *
 * @throws ModelError
 */
export function validateDefinition(definition: {
  readonly name: unknown;
  readonly parameters: unknown;
  readonly data: unknown;
  readonly sizes?: SizeSpec;
  readonly precompute?: unknown;
  readonly simulate: unknown;
}): void {
  const { name, parameters, data, precompute, simulate } = definition;
  if (typeof name !== "string" || name.trim() === "") {
    throw new ModelError(`a model needs a name, but was given ${show(name)}`);
  }
  const what = `the model "${name}"`;
  const unknown = Object.keys(definition).find((key) => ![...KNOWN, ...OF_MODELS].includes(key));
  if (unknown !== undefined) {
    throw new ModelError(
      `${what} is given "${unknown}", which nothing reads; it takes ${KNOWN.join(", ")}`,
    );
  }
  const priors = entries(parameters, `${what}: parameters`, "{ range: uniform(0, 1) }");
  const arrays = entries(data, `${what}: data`, "{ z: [16, 16] }");
  for (const [key, prior] of priors) checkPrior(what, key, prior);
  for (const [key, shape] of arrays) checkShape(what, key, shape);
  const used = arrays.flatMap(([, shape]) => (isArraySpecInput(shape) ? [specOf(shape).size] : []));
  const problem = wrongSize(
    definition.sizes ?? {},
    new Set(used.filter((size) => size !== undefined)),
  );
  if (problem !== undefined) throw new ModelError(`${what}: ${problem}`);
  const both = priors.find(([key]) => arrays.some(([other]) => other === key));
  if (both !== undefined) {
    throw new ModelError(
      `${what} has a parameter and a data array of one name, "${both[0]}": rename one`,
    );
  }
  if (typeof simulate !== "function" && !isExternal(simulate)) {
    throw new ModelError(
      `${what} needs a function simulate(values, random), or command("PROGRAM"), but was given ${show(simulate)}`,
    );
  }
  if (precompute === undefined) return;
  if (typeof precompute !== "function") {
    throw new ModelError(
      `${what}: precompute must be a function of the parameters, but was given ${show(precompute)}`,
    );
  }
  if (isExternal(simulate)) {
    throw new ModelError(
      `${what}: precompute is for a simulator that is a function; a program is told the parameters alone`,
    );
  }
}

function entries(value: unknown, what: string, example: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ModelError(
      `${what} must be an object such as ${example}, but ${show(value)} was given`,
    );
  }
  const found = Object.entries(value);
  if (found.length === 0) throw new ModelError(`${what} must name one or more, as in ${example}`);
  for (const [name] of found) {
    if (!NAME.test(name)) {
      throw new ModelError(
        `${what}: "${name}" is no name; use letters, digits and underscores, as in ${example}`,
      );
    }
  }
  return found;
}

function checkPrior(what: string, name: string, prior: unknown): void {
  const isPrior =
    typeof prior === "object" &&
    prior !== null &&
    "sample" in prior &&
    typeof prior.sample === "function" &&
    "logDensity" in prior &&
    typeof prior.logDensity === "function" &&
    "shape" in prior &&
    Array.isArray(prior.shape);
  if (!isPrior) {
    throw new ModelError(
      `${what}: the parameter "${name}" needs a prior, such as uniform(0, 1), but was given ${show(prior)}`,
    );
  }
}

function checkShape(what: string, name: string, shape: unknown): void {
  if (!isArraySpecInput(shape)) {
    throw new ModelError(
      `${what}: the shape of "${name}" must be a list of positive whole numbers, such as [16, 16] or [], or say more, such as grid(16, 16, { channels: 3 }), but is ${show(shape)}`,
    );
  }
}
