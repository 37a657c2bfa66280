/**
 * Several grouping terms: Penicillin, crossed, and Pastes, nested, against NUTS; names, and what cannot be asked.
 */
import { exponential, halfNormal } from "amortis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lmm, loadMixed, type MixedEstimator } from "../src/index.js";
import { tableOf, unlikeNuts } from "./nuts.js";

let estimator: MixedEstimator;
beforeAll(async () => {
  estimator = await loadMixed();
});
afterAll(() => estimator.release());

/** A table whose response is numbers. */
async function dataOf(name: string, response: string) {
  const table = await tableOf(name);
  return { ...table, [response]: (table[response] ?? []).map(Number) };
}

test("Penicillin has the posterior of NUTS, and names say of which groups", async () => {
  const posterior = await lmm(
    "diameter ~ (1 | plate) + (1 | sample)",
    await dataOf("Penicillin", "diameter"),
    {
      estimator,
      proposals: 8_000,
      samples: 8_000,
    },
  );
  expect(await unlikeNuts("Penicillin", posterior)).toEqual([]);
  expect(posterior.check.rounds).toBe(0);
  const mean = posterior.mean();
  expect(Object.keys(mean.sd)).toEqual(["(Intercept) | plate", "(Intercept) | sample"]);
  expect(mean.groups["(Intercept) | sample"]).toHaveLength(6);
  expect(posterior.levelsOf["sample"]).toEqual(["A", "B", "C", "D", "E", "F"]);
  expect(posterior.levels).toHaveLength(24);
});

test("Pastes has the posterior of NUTS, by either correction", async () => {
  const data = await dataOf("Pastes", "strength");
  for (const correction of ["importance", "metropolis"] as const) {
    const posterior = await lmm("strength ~ (1 | batch / cask)", data, {
      estimator,
      correction,
      proposals: 8_000,
      samples: 8_000,
    });
    expect(Object.keys(posterior.levelsOf)).toEqual(["cask:batch", "batch"]);
    expect(await unlikeNuts("Pastes", posterior)).toEqual([]);
  }
});

test("priors are by effect and groups, and evidence tells terms that are there from those that are not", async () => {
  const data = await dataOf("Penicillin", "diameter");
  const both = await lmm("diameter ~ (1 | plate) + (1 | sample)", data, {
    estimator,
    priors: {
      sd: { "(Intercept) | plate": exponential(1), "(Intercept) | sample": halfNormal(0.2) },
    },
  });
  // A narrow prior holds samples together.
  expect(both.mean().sd["(Intercept) | sample"]).toBeLessThan(1.5);
  const plates = await lmm("diameter ~ (1 | plate)", data, { estimator });
  expect(both.logEvidence - plates.logEvidence).toBeGreaterThan(50);
  await expect(
    lmm("diameter ~ (1 | plate) + (1 | sample)", data, {
      estimator,
      priors: { sd: { "(Intercept)": exponential(1) } },
    }),
  ).rejects.toThrow(/prior of sd "\(Intercept\)", but the formula has \(Intercept\) \| plate, /u);
});
