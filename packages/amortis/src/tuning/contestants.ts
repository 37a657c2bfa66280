/**
 * Who takes part in a search: the default first, then methods as they are, then a seeded list of configurations around them.
 */
import type { DataSpec } from "../data/array-spec.js";
import { stream } from "../random/index.js";
import { canonicalJson } from "../simulation/canonical-json.js";
import type { PlannedTraining } from "../training/planned.js";
import { drawMethod } from "./method-choices.js";
import { pick, type Plain } from "./plain.js";
import { drawTraining } from "./training-choices.js";

/** What contestants are drawn around. */
export interface Field {
  /** What all of them have. */
  readonly base: Plain;
  /** Methods by name, that of the default first. */
  readonly methods: readonly [string, ...string[]];
  /** What networks see of a data set. */
  readonly data: DataSpec;
  /** How each method is trained where nothing is said but the base. */
  readonly usual: Readonly<Record<string, PlannedTraining>>;
  readonly seed: number;
}

/** Draws until one differs from the default. */
const TRIES = 50;

/**
 * The configuration of contestant k, which depends on the field and k alone.
 *
 * @returns undefined where the base leaves nothing to vary.
 */
export function contestant(k: number, field: Field): Plain | undefined {
  const { base, methods, seed } = field;
  const named = methods[k];
  if (named !== undefined) return { ...base, method: named };
  const random = stream(seed).split("contestant").split(k);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const method = pick(random, methods);
    const drawn = drawMethod(random, method, field.data);
    const usual = field.usual[method];
    const isNamed = drawn["density"] !== undefined || drawn["summary"] !== undefined;
    const training = {
      ...(usual && drawTraining(random, usual, isNamed)),
      ...Object(base["training"]),
    } as Plain;
    const trained = Object.keys(training).length > 0;
    const whole = { ...drawn, ...base, method, ...(trained && { training }) };
    if (!same(whole, { ...base, method })) return whole;
  }
  return undefined;
}

function same(a: Plain, b: Plain): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
