/** Calibration with click-through, brushed regions, answers laid over: the numbers shown are the library's own. */
import { modelPosterior, simulate } from "amortis";
import { fractionalRanks } from "amortis/diagnostics";
import { stream } from "amortis";
import { expect, it } from "vitest";
import { expectShows, simulated } from "./library.js";
import { boxOf, dataIn, drag, fileOf, ready, settled, studio } from "./studio.js";

const { open } = studio();

it("a point of the recovery plot opens its data set, and a bar of the ranks one of its own", async () => {
  const page = await open("e=gaussian-field&theta=0.3&tab=calibration");
  await page.locator('[data-action="study"]').click();
  const { model, estimator } = await ready("gaussian-field");
  const fresh = await simulate(model, { simulations: 200, seed: "study 1" });
  const fields = fresh.data["z"] ?? new Float32Array(0);
  const field = (i: number): Float64Array =>
    Float64Array.from(fields.slice(i * 256, (i + 1) * 256));
  await page.getByRole("button", { name: /^data set 11:/u }).click();
  await settled(page);
  expect(dataIn(page, "z")).toEqual(field(10));
  await expectShows(page, await estimator.given({ z: field(10) }, { samples: 1_000, seed: 0 }));

  const posteriors = await estimator.givenBatch({ z: fields }, { samples: 199 });
  const ranks = fractionalRanks(posteriors.draws, fresh.parameters, stream("studio").split(0));
  const inThird = Array.from(ranks, (rank, i) => (Math.floor(rank * 10) === 2 ? i : -1));
  const members = inThird.filter((i) => i >= 0);
  await page.getByRole("button", { name: `bar 3: ${members.length} data sets` }).click();
  await settled(page);
  expect(dataIn(page, "z")).toEqual(field(members[0] ?? -1));
  await estimator.release();
  await page.close();
});

it("a region of the posterior is brushed, and data are predicted from its draws", async () => {
  const page = await open("e=line&theta=0.2,0.8,0.3&seed=5&tab=predict");
  const { model, estimator } = await ready("line");
  const given = await simulated(model, [0.2, 0.8, 0.3], 5);
  const { draws } = await estimator.given(given, { samples: 1_000, seed: 0 });
  const panel = await boxOf(page, '[data-density="slope"] .over');
  const [from, to] = [panel.x + 0.62 * panel.width, panel.x + 0.66 * panel.width];
  await drag(page, [
    [from, panel.y + 60],
    [to, panel.y + 60],
  ]);
  await page.locator('.predict:has-text("Of the region slope")').waitFor();
  await settled(page);
  const brush = await page.locator("[data-region-draws]").evaluate((place) => ({
    inside: Number(place.getAttribute("data-region-draws")),
    from: Number(place.getAttribute("data-from")),
    to: Number(place.getAttribute("data-to")),
  }));
  const slopes = Array.from({ length: 1_000 }, (_, i) => draws[3 * i + 1] ?? NaN);
  const rows = slopes.flatMap((value, i) => (value >= brush.from && value <= brush.to ? [i] : []));
  expect(brush.inside).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.length).toBeLessThan(900);
  // The mean of the first point over the predicted data sets, which are the model's at those draws.
  const theta = Float64Array.from(
    rows.slice(0, 60).flatMap((i) => [...draws.subarray(3 * i, 3 * i + 3)]),
  );
  const { data, size } = await simulate(model, { parameters: theta, seed: "predict 1" });
  const shown = page.locator("[data-predicted]");
  await page.waitForFunction(
    (sets) => document.querySelector("[data-predicted]")?.getAttribute("data-predicted") === sets,
    String(size),
  );
  const first = JSON.parse((await shown.getAttribute("data-first")) ?? "[]");
  expect(first).toEqual(
    Array.from(data["y"]?.slice(0, 24) ?? [], (v) => (Number.isNaN(v) ? null : v)),
  );
  await estimator.release();
  await page.close();
});

it("the exact posterior, Markov chains and a second estimator are laid over", async () => {
  const page = await open("e=gaussian-field&theta=0.25&seed=9&tab=compare");
  const { model, estimator } = await ready("gaussian-field");
  const data = await simulated(model, [0.25], 9);
  const shown = async (title: string): Promise<number> => {
    const row = page.locator(`[data-overlay="${title}"] td`).first();
    await row.waitFor();
    return Number(await row.getAttribute("data-value"));
  };
  await page.locator('[data-action="exact"]').click();
  const exact = await modelPosterior(model, data, { samples: 1_000, seed: 0 });
  expect(await shown("by the likelihood")).toBe(exact.at(0).mean()["range"]);
  await page.locator('[data-action="mcmc"]').click();
  const chains = await estimator.given(data, { samples: 1_000, seed: 0, answer: "mcmc" });
  expect(await shown("by Markov chains")).toBe(chains.mean()["range"]);
  await page.locator('input[data-picker="second"]').setInputFiles(fileOf("gaussian-field"));
  const same = await estimator.given(data, { samples: 1_000, seed: 0 });
  expect(await shown("gaussian-field.amortis")).toBe(same.mean()["range"]);
  // One of another model says so.
  await page.locator('input[data-picker="second"]').setInputFiles(fileOf("line"));
  await page.locator('[data-error="compare"]').waitFor();
  await estimator.release();
  await page.close();
});
