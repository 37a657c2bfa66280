/** Dragging the prior, the number of replicates, the share of bad values; erasing: the numbers shown are the library's own. */
import {
  corruptSimulations,
  simulate,
  spikeAndSlab,
  truncatedNormal,
  type AnyModel,
} from "amortis";
import { expect, it } from "vitest";
import { expectShows, simulated, type Data } from "./library.js";
import { boxOf, drag, ready, settled, slide, stateOf, studio } from "./studio.js";

const { open } = studio();

it("the prior is dragged, and the posterior is reweighted, with its Pareto k", async () => {
  const page = await open("e=line&theta=0.4,0.6,0.5&seed=4&tab=prior");
  await page.locator('[data-prior="slope"] input[type="checkbox"]').check();
  const grip = await boxOf(page, '[data-prior="slope"] [data-grip="middle"]');
  const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
  await drag(page, [
    [x, y],
    [x + 45, y],
  ]);
  await settled(page);
  const { mean, sd }: { mean: number; sd: number } = JSON.parse(
    stateOf(page).get("prior.slope") ?? "{}",
  );
  expect(mean).toBeGreaterThan(0.1);
  const { model, estimator } = await ready("line");
  const posterior = await estimator.given(await simulated(model, [0.4, 0.6, 0.5], 4), {
    samples: 1_000,
    seed: 0,
  });
  const prior = truncatedNormal(mean, sd, -Infinity, Infinity);
  const after = await posterior.under({ slope: prior }, { seed: 0 });
  await expectShows(page, after);
  const shown = await page.locator('data[data-number="k"]').getAttribute("value");
  // Math.log of Node and of Chromium may differ in the last place.
  expect(Number(shown)).toBeCloseTo(after.check?.k ?? NaN, 10);

  // Where the weights cannot be trusted it says so, and shows the answer under the first prior.
  const moved = async (which: string, by: number): Promise<void> => {
    const box = await boxOf(page, `[data-prior="slope"] [data-grip="${which}"]`);
    const from = [box.x + box.width / 2, box.y + box.height / 2] as const;
    await drag(page, [from, [from[0] + by, from[1]]]);
  };
  await moved("side", -600);
  await moved("middle", -280);
  await settled(page);
  await page.locator('[data-error="refusal"]').waitFor();
  expect(await page.locator('[data-error="refusal"]').innerText()).toMatch(/too far|no mass/u);
  await expectShows(page, posterior);
  await estimator.release();
  await page.close();
});

it("the number of replicates is slid, and the posterior contracts", async () => {
  const page = await open("e=gaussian-field&theta=0.2&seed=3");
  const count = await slide(page, 'input[data-slider="replicates"]', 0.35);
  expect(count).toBeGreaterThan(5);
  await settled(page);
  expect(Number(stateOf(page).get("m"))).toBe(count);
  const { model, estimator } = await ready("gaussian-field");
  const made = await simulate(model, { parameters: new Float64Array(count).fill(0.2), seed: 3 });
  const one = await estimator.given({ z: (made.data["z"] ?? new Float32Array(0)).slice(0, 256) });
  const together = await estimator.given(made.data, { replicates: "all", samples: 1_000, seed: 0 });
  await expectShows(page, together);
  expect(together.sd()["range"]).toBeLessThan(0.7 * Number(one.sd()["range"]));
  await estimator.release();
  await page.close();
});

it("data are broken, and the light of the check turns", async () => {
  const page = await open("e=gaussian-field&theta=0.3&seed=2");
  const { model, estimator } = await ready("gaussian-field");
  expect(await page.locator("[data-light]").getAttribute("data-light")).toBe("good");
  const slab = await slide(page, 'input[data-slider="slab"]', 0.6);
  const share = await slide(page, 'input[data-slider="share"]', 0.5);
  await settled(page);
  const data = await broken(model, await simulated(model, [0.3], 2), { share, slab });
  const posterior = await estimator.given(data, { samples: 1_000, seed: 0 });
  await expectShows(page, posterior);
  const light = page.locator("[data-light]");
  expect(Number(await light.getAttribute("data-typicality"))).toBe(posterior.typicality);
  expect(posterior.typicality).toBeLessThan(0.01);
  expect(await light.getAttribute("data-light")).toBe("bad");
  expect(await light.innerText()).toMatch(/do not trust/u);
  await estimator.release();
  await page.close();
});

it("values are erased, and all above a threshold", async () => {
  const page = await open("e=line&theta=0.2,0.8,0.3&seed=5");
  const { model, estimator } = await ready("line");
  const whole = (await simulated(model, [0.2, 0.8, 0.3], 5))["y"] ?? new Float64Array(0);
  const answerWithout = (places: readonly number[]) =>
    estimator.given(
      { y: whole.map((value, i) => (places.includes(i) ? Number.NaN : value)) },
      { samples: 1_000, seed: 0 },
    );
  const erased = (): readonly number[] =>
    (stateOf(page).get("erased.y") ?? "").split(",").filter(Boolean).map(Number);
  await page.locator('button[data-tool="erase"]').click();
  const [from, to] = [await boxOf(page, circle(3)), await boxOf(page, circle(9))];
  await drag(page, [
    [from.x + 5, from.y + 5],
    [to.x + 5, to.y + 5],
  ]);
  await settled(page);
  expect(erased()).toEqual([2, 3, 4, 5, 6, 7, 8]);
  await expectShows(page, await answerWithout(erased()));
  // Chosen by hand they may be missing at random; by their size they are not.
  expect(await page.getByText("missing at random").count()).toBe(0);
  // The threshold erases those above it, and none else.
  const handle = await boxOf(page, ".threshold");
  const above = await boxOf(page, circle(18));
  await drag(page, [
    [handle.x + 100, handle.y + handle.height / 2],
    [handle.x + 100, above.y + 20],
  ]);
  await settled(page);
  const least = Math.min(...erased().map((i) => whole[i] ?? NaN));
  const kept = Array.from(whole).filter((_, i) => !erased().includes(i));
  expect(erased()).not.toHaveLength(0);
  expect(await page.getByText("missing at random").count()).toBe(1);
  expect(Math.max(...kept.filter(Number.isFinite))).toBeLessThanOrEqual(least);
  await expectShows(page, await answerWithout(erased()));
  await estimator.release();
  await page.close();
});

const circle = (point: number): string => `circle[aria-label="data y, point ${point}"]`;

/** The library's spike and slab, of data at the end of 200 simulations that say what is typical. */
async function broken(
  model: AnyModel,
  data: Data,
  { share, slab }: { readonly share: number; readonly slab: number },
): Promise<Data> {
  const typical = await simulate(model, { simulations: 200, seed: "typical" });
  const z = Float64Array.from([...(typical.data["z"] ?? []), ...(data["z"] ?? [])]);
  const all = {
    size: 201,
    parameters: new Float64Array(201),
    indices: Float64Array.from({ length: 201 }, (_, i) => i),
    invalid: [],
    data: { z },
  };
  const after = corruptSimulations(model, all, spikeAndSlab({ share, slab, spike: 0 }), "studio");
  return { z: Float64Array.from((after.data["z"] ?? []).slice(200 * 256)) };
}
