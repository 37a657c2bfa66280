/**
 * Training that goes on from a trained estimator: its weights, and its standardisation. Parts of its networks may keep their weights, and parts may begin anew as other networks.
 *
 * Its simulations may have been those of another simulator, of the same parameters and data: of a cheap one that is wrong in something, so that few of the dear one are needed (multi-fidelity; Krouglova et al. 2025,
 * arXiv 2502.08416).
 *
 * A part is what a method calls it: "summary" and "density", or "head"; of all members of an ensemble. It is where the names of its weights begin.
 */
import { InvalidArgumentError, type Variables } from "@amortis/graph";
import type { Json } from "../json.js";
import type { ArraySpecs } from "../data/array-spec.js";
import type { Moments } from "../data/moments.js";
import { spread, type Standardization } from "../data/standardization.js";
import { weightsByName, type Contents } from "../estimators/contents.js";
import { requireModel } from "../estimators/require-model.js";
import type { Method } from "../methods/method.js";
import type { TrainOptions } from "./options.js";

type PartsOptions = Pick<TrainOptions, "freeze" | "anew">;

/** The part that a weight is of. */
export function partOf(name: string): string {
  return /^(?:member\d+\/)?([^/]*)/u.exec(name)?.[1] ?? name;
}

/**
 * What can be said before anything is simulated.
 *
 * @throws InvalidArgumentError where an estimator is of a model of other parameters, priors or data, or what is said of its parts cannot be.
 */
export function requireGoingOn(
  contents: Contents,
  { model }: Method,
  parts: PartsOptions = {},
): void {
  requireModel(contents, model, 'train: "from"');
  requireParts(contents, parts);
}

/**
 * The standardisation of an estimator, for another training of the method that it is of.
 *
 * @param parts those that keep their weights, and those that begin anew and may be other networks.
 * @param seen what is simulated now, to which ranges are widened.
 * @throws InvalidArgumentError where it is of another method, or of other networks.
 */
export function standardizationFrom(
  contents: Contents,
  method: Method,
  parts: PartsOptions,
  { specs, fresh }: Seen,
): Standardization {
  const { details } = contents;
  const { anew = [] } = parts;
  const own = JSON.stringify([method.name, without(method.description, anew)]);
  const known = JSON.stringify([details.method, without(details.description, anew)]);
  if (own !== known) {
    throw new InvalidArgumentError(
      `train goes on from an estimator of the same method with the same networks, but "from" is ${known} and the method ${own}${membersApart(details.description, method.description)}`,
    );
  }
  // A classifier of valid simulations, the range of summaries and what is typical of them are learned anew.
  const {
    validity: _validity,
    summary: _summary,
    typicality: _typicality,
    ...kept
  } = details.standardization;
  const raw = kept.raw && fresh.raw && withRanges(kept.raw, fresh.raw, method.model.dataSpecs);
  return {
    ...kept,
    data: withRanges(kept.data, fresh.data, specs),
    ...(raw && { raw }),
    parameters: withRange(kept.parameters, fresh.parameters, [method.model.parameterSize]),
  };
}

/** What is simulated now: the arrays that networks see, and what would be learned of them alone. */
export interface Seen {
  readonly specs: ArraySpecs;
  readonly fresh: Standardization;
}

type AllMoments = Standardization["data"];

/** Moments of arrays with ranges that have what was met before, and what is met now. */
function withRanges(known: AllMoments, fresh: AllMoments, specs: ArraySpecs): AllMoments {
  return Object.fromEntries(
    Object.entries(known).map(([name, moments]) => {
      const [now, spec] = [fresh[name], specs[name]];
      return [name, now && spec ? withRange(moments, now, spec.shape) : moments];
    }),
  );
}

function withRange(known: Moments, fresh: Moments, shape: readonly number[]): Moments {
  if (known.range === undefined || fresh.range === undefined) return known;
  const groups = spread([...known.mean.keys()], shape, known.shape);
  const [lower, upper] = [[...known.range.lower], [...known.range.upper]];
  const lowest = spread(fresh.range.lower, shape, fresh.shape);
  const highest = spread(fresh.range.upper, shape, fresh.shape);
  for (const [place, group] of groups.entries()) {
    lower[group] = Math.min(lower[group] ?? Infinity, lowest[place] ?? Infinity);
    upper[group] = Math.max(upper[group] ?? -Infinity, highest[place] ?? -Infinity);
  }
  return { ...known, range: { lower, upper } };
}

/** What to do where ensembles differ: by default there are as many networks as suit the number of simulations. */
function membersApart(from: Json, own: Json): string {
  const [known, given] = [from, own].map((one) => (isObject(one) ? one["members"] : undefined));
  if (known === undefined && given === undefined) return "";
  return ": how many networks there are, and which, depends on how many simulations there are, unless the method says it, so train both with members: 1";
}

/** A description but for what it says of some parts. */
function without(description: Json, parts: readonly string[]): Json {
  if (!isObject(description)) return description;
  return Object.fromEntries(Object.entries(description).filter(([name]) => !parts.includes(name)));
}

/** What files say of what training went on from. */
export function beginningOf({ details: { model, training } }: Contents): {
  readonly model: string;
  readonly simulations: number;
} {
  return { model: model.name, simulations: training.simulations };
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
