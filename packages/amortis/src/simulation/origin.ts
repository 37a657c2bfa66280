/**
 * Where simulations come from: which numbers of which seed, and under which prior.
 *
 * What is learned from simulations depends on how their parameters were drawn, and a score on simulations that were learned from is no
 * score. Neither shows in the numbers, so simulations carry it along: in memory, on disk, and in the file of what was trained on them.
 */
import type { Json } from "../json.js";
import type { AnyModel } from "../model/index.js";
import { canonicalJson } from "./canonical-json.js";

const LINK: ReadonlySet<string> = new Set(["link"]);

/** For JSON.stringify: priors without their links. */
export function withoutLink(key: string, value: unknown): unknown {
  return LINK.has(key) ? undefined : value;
}

/** A seed as data. Numbers and big integers of one value are one seed. */
export interface SeedRecord {
  readonly kind: "number" | "string";
  readonly value: string;
}

/** Where simulations come from. */
export interface SimulationOrigin {
  /** Name of the model. */
  readonly model: string;
  /** The seed, where it is known. Of each row, `indices` has the number of the simulation. */
  readonly seed?: SeedRecord;
  /** The prior that each parameter was drawn from, as files have it; "given" where θ was given in place of draws. */
  readonly priors: Readonly<Record<string, Json>> | "given";
}

/** A seed as data. */
export function seedRecord(seed: number | bigint | string): SeedRecord {
  return { kind: typeof seed === "string" ? "string" : "number", value: String(seed) };
}

/** The priors of a model, as files have them, but for their links: how a parameter is mapped changes no draw. */
export function priorsOf(model: AnyModel): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, prior]) => [
      name,
      // Through text: what a number that JSON does not have becomes in a file, it is here too.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives JSON
      JSON.parse(JSON.stringify(prior.toJSON(), withoutLink)) as Json,
    ]),
  );
}

/** The origin of what a model simulates. */
export function originOf(
  model: AnyModel,
  seed: number | bigint | string,
  given: boolean,
): SimulationOrigin {
  return {
    model: model.name,
    seed: seedRecord(seed),
    priors: given ? "given" : priorsOf(model),
  };
}

/** A parameter whose simulations were drawn from another prior than a model's. */
export interface OtherPrior {
  readonly parameter: string;
  /** As JSON, or "given". */
  readonly simulated: string;
  readonly model: string;
}

/** The first parameter whose simulations are not known to be draws of the model's prior; undefined where all are, or nothing is known. */
export function otherPrior(
  origin: SimulationOrigin | undefined,
  model: AnyModel,
): OtherPrior | undefined {
  if (origin === undefined) return undefined;
  for (const [parameter, prior] of Object.entries(priorsOf(model))) {
    const known = origin.priors === "given" ? "given" : (origin.priors[parameter] ?? "unknown");
    if (samePrior(known, prior)) continue;
    const words = (json: Json): string => (typeof json === "string" ? json : JSON.stringify(json));
    return { parameter, simulated: words(known), model: words(prior) };
  }
  return undefined;
}

/** Whether two priors in JSON are one, however each is mapped to unconstrained space. */
export function samePrior(a: unknown, b: unknown): boolean {
  return canonicalJson(a, LINK) === canonicalJson(b, LINK);
}

/** Which simulations an estimator was trained on: of a seed, those with numbers from `first` to before `end`. */
export interface TrainingOrigin extends SimulationOrigin {
  readonly first: number;
  readonly end: number;
}

interface Numbered {
  readonly origin?: SimulationOrigin | undefined;
  readonly indices: ArrayLike<number>;
  readonly invalid?: readonly { readonly index: number }[];
}

/** The origin of data to be learned from, where it is known. */
export function trainingOrigin({
  origin,
  indices,
  invalid = [],
}: Numbered): TrainingOrigin | undefined {
  if (origin === undefined) return undefined;
  let [first, end] = [Infinity, 0];
  const meet = (index: number): void => {
    first = Math.min(first, index);
    end = Math.max(end, index + 1);
  };
  for (let row = 0; row < indices.length; row++) meet(indices[row] ?? 0);
  for (const { index } of invalid) meet(index);
  return { ...origin, first, end };
}

/**
 * How many of some simulations an estimator was trained on: a score on those says little of others.
 *
 * @param trained `estimator.details.training.origin`.
 * @example
 * const test = await simulate(field, { simulations: 1_000, seed: 2 });
 * sharedSimulations(estimator.details.training.origin, test);   // 0: another seed
 */
export function sharedSimulations(
  trained: TrainingOrigin | undefined,
  { origin, indices }: Numbered,
): number {
  if (trained?.seed === undefined || origin?.seed === undefined) return 0;
  const { seed, model, first, end } = trained;
  if (model !== origin.model || canonicalJson(seed) !== canonicalJson(origin.seed)) return 0;
  let count = 0;
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row] ?? -1;
    if (index >= first && index < end) count++;
  }
  return count;
}
