/**
 * Training that goes on from a trained estimator: its weights, and its standardisation. Parts of its networks may keep their weights, and parts may begin anew as other networks.
 *
 * A part is what a method calls it: "summary" and "density", or "head"; of all members of an ensemble. It is where the names of its weights begin.
 */
import { InvalidArgumentError, type Variables } from "@amortis/graph";
import type { Json } from "../json.js";
import type { Standardization } from "../data/standardization.js";
import { weightsByName, type Contents } from "../estimators/contents.js";
import type { Method } from "../methods/method.js";
import type { TrainOptions } from "./options.js";

type PartsOptions = Pick<TrainOptions, "freeze" | "anew">;

/** The part that a weight is of. */
export function partOf(name: string): string {
  return /^(?:member\d+\/)?([^/]*)/u.exec(name)?.[1] ?? name;
}

/**
 * The standardisation of an estimator, for another training of the method that it is of.
 *
 * @param parts those that keep their weights, and those that begin anew and may be other networks.
 * @throws InvalidArgumentError where it is of another method, other networks or another model; where what is said of parts cannot be.
 */
export function standardizationFrom(
  contents: Contents,
  method: Method,
  parts: PartsOptions = {},
): Standardization {
  requireParts(contents, parts);
  const { details } = contents;
  const { anew = [] } = parts;
  const own = JSON.stringify([method.name, method.model.name, without(method.description, anew)]);
  const known = JSON.stringify([
    details.method,
    details.model.name,
    without(details.description, anew),
  ]);
  if (own !== known) {
    throw new InvalidArgumentError(
      `train goes on from an estimator of the same method with the same networks, but "from" is ${known} and the method ${own}`,
    );
  }
  // A classifier of valid simulations and the range of summaries are learned anew.
  const { validity: _validity, summary: _summary, ...rest } = details.standardization;
  return rest;
}

/** A description but for what it says of some parts. */
function without(description: Json, parts: readonly string[]): Json {
  if (!isObject(description)) return description;
  return Object.fromEntries(Object.entries(description).filter(([name]) => !parts.includes(name)));
}

/**
 * The weights of an estimator in the order of variables, and first weights of parts that begin anew.
 *
 * @param first weights of all.
 * @throws InvalidArgumentError where one is not there, or of another shape.
 */
export function weightsFrom(
  contents: Contents,
  variables: Variables,
  first: Float32Array,
  { anew = [] }: PartsOptions = {},
): Float32Array {
  const known = weightsByName(contents);
  const all = first.slice();
  let offset = 0;
  for (const { name, shape, size } of variables.entries) {
    if (!anew.includes(partOf(name))) {
      const own = known[name];
      if (!(own?.data instanceof Float32Array) || String(own.shape) !== String(shape)) {
        const why =
          anew.length > 0
            ? `where it is made for what begins anew, add "${partOf(name)}" to anew`
            : "members of an ensemble that were left out of the file cannot be gone on from, so train with members: 1";
        throw new InvalidArgumentError(
          `train cannot go on from this estimator: it has no weights "${name}" of shape [${shape.join(", ")}]; ${why}`,
        );
      }
      all.set(own.data, offset);
    }
    offset += size;
  }
  return all;
}

/** @throws InvalidArgumentError where there is no such part, one is named twice over, or nothing is left to learn. */
function requireParts({ details }: Contents, { freeze = [], anew = [] }: PartsOptions): void {
  const weighty = new Set(details.variables.map(({ name }) => partOf(name)));
  // Parts without weights, such as data that are their own summary, may be replaced as well.
  const parts = new Set([...weighty, ...networksIn(details.description)]);
  const named = [
    ["freeze", freeze, weighty],
    ["anew", anew, parts],
  ] as const;
  for (const [option, names, all] of named) {
    const unknown = names.find((name) => !all.has(name));
    if (unknown === undefined) continue;
    throw new InvalidArgumentError(
      `train: ${option} names "${unknown}", but the networks of this estimator have ${[...all].join(" and ") || "no weights"}`,
    );
  }
  const both = freeze.find((name) => anew.includes(name));
  if (both !== undefined) {
    throw new InvalidArgumentError(
      `train: "${both}" cannot keep its weights and begin anew: leave it out of freeze, or out of anew`,
    );
  }
  if (anew.length > 0 || ![...weighty].every((name) => freeze.includes(name))) return;
  throw new InvalidArgumentError(
    `train: freeze keeps ${[...weighty].join(" and ")}, so that nothing is left to learn: leave one of them out`,
  );
}

/** Names of the networks in a description, but for a transform, which data are standardised by. */
function networksIn(description: Json): readonly string[] {
  if (!isObject(description)) return [];
  return Object.entries(description).flatMap(([name, value]) =>
    name !== "transform" && isObject(value) && Object.hasOwn(value, "kind") ? [name] : [],
  );
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
