/** What the library says to the same questions, for tests to hold the page against. */
import { simulate, type AnyModel, type Posterior } from "amortis";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { numbersOf } from "./studio.js";

export type Data = Readonly<Record<string, Float64Array>>;

/** Data that a model makes of θ, as the page simulates them. */
export async function simulated(
  model: AnyModel,
  theta: readonly number[],
  seed: number,
): Promise<Data> {
  const made = await simulate(model, { parameters: Float64Array.from(theta), seed });
  return Object.fromEntries(
    Object.entries(made.data).map(([name, values]) => [name, Float64Array.from(values)]),
  );
}

/** The numbers that the page shows must be those of a posterior, to the bit. */
export async function expectShows(page: Page, posterior: Posterior): Promise<void> {
  for (const parameter of posterior.parameterNames) {
    expect(await numbersOf(page, parameter)).toEqual({
      mean: posterior.mean()[parameter],
      sd: posterior.sd()[parameter],
      lower: posterior.quantile((1 - 0.9) / 2)[parameter],
      upper: posterior.quantile((1 + 0.9) / 2)[parameter],
    });
  }
}
