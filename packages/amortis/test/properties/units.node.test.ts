/**
 * Units of data and of unbounded parameters change no answer, of any method, by more than training does that begins anew.
 */
import { expect, test } from "vitest";
import { answersIn, differenceOf, first, METHODS, OTHERS } from "./units.js";

const small = { simulations: 800, epochs: 2, seed: 1, workers: 0, threads: 1 };

const methods = Object.keys(METHODS) as (keyof typeof METHODS)[];

test.each(methods)("%s answers alike in any units", { timeout: 240_000 }, async (method) => {
  const answers = await answersIn(first, method, small);
  const noise = differenceOf(answers, await answersIn(first, method, { ...small, seed: 2 }));
  const differences: Record<string, number> = {};
  for (const [change, units] of Object.entries(OTHERS)) {
    differences[change] = differenceOf(answers, await answersIn(units, method, small));
  }
  // Rounding grows in training, the more the less smooth the loss; another seed is other simulations and other weights.
  const large = Object.entries(differences).filter(([, difference]) => !(difference < noise / 2));
  expect(large).toEqual([]);
});
