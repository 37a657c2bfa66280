/**
 * Units of data and of unbounded parameters change no answer, of any method, by more than training does that begins anew.
 */
import { expect, test } from "vitest";
import type { TrainOptions } from "../../src/index.js";
import { STRUCTURED } from "./structured-units.js";
import { answersIn, differenceOf, first, METHODS, OTHERS, type Units } from "./units.js";

const small = { simulations: 800, epochs: 2, seed: 1, workers: 0, threads: 1 };

const methods = Object.keys(METHODS) as (keyof typeof METHODS)[];

/** What other units change by such a share of what another seed does, or more. */
async function changedBy(
  answersOf: (units: Units, options: TrainOptions) => Promise<readonly number[]>,
  share = 0.5,
): Promise<readonly (readonly [string, number])[]> {
  const answers = await answersOf(first, small);
  const noise = differenceOf(answers, await answersOf(first, { ...small, seed: 2 }));
  const differences: Record<string, number> = {};
  for (const [change, units] of Object.entries(OTHERS)) {
    differences[change] = differenceOf(answers, await answersOf(units, small));
  }
  // Rounding grows in training, the more the less smooth the loss; another seed is other simulations and other weights.
  return Object.entries(differences).filter(([, difference]) => !(difference < share * noise));
}

test.each(methods)("%s answers alike in any units", { timeout: 240_000 }, async (method) => {
  const changed = await changedBy((units, options) => answersIn(units, method, options));
  expect(changed).toEqual([]);
});

test.each(Object.entries(STRUCTURED))(
  "%s answers alike in any units",
  { timeout: 240_000 },
  async (name, answersOf) => {
    // What is accepted or not parts after a while wherever numbers are rounded otherwise: it has the noise of another seed then.
    const parts = /chains|populations|rejection/.test(name);
    expect(await changedBy(answersOf, parts ? 1.5 : 0.5)).toEqual([]);
  },
);
