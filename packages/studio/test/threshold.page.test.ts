/** A threshold that is among the data is dragged: what is above it is hidden, and the numbers shown are the library's own. */
import { expect, it } from "vitest";
import { CEILING, unceiled } from "../src/models/ceiling.js";
import { expectShows, simulated } from "./library.js";
import { boxOf, dataIn, drag, ready, settled, stateOf, studio } from "./studio.js";

const { open } = studio();

const THETA = [0.5, 0.8] as const;
const FRAGMENT = `e=ceiling&theta=${THETA.join(",")}&seed=5`;

it("hides what is above, and the posterior is that of the censored data", async () => {
  const page = await open(FRAGMENT);
  const { estimator } = await ready("ceiling");
  const whole = await simulated(unceiled, THETA, 5);
  const readings = whole["y"] ?? new Float64Array(0);
  const answerUnder = (at: number) =>
    estimator.given(
      { y: readings.map((value) => (value > at ? NaN : value)), ceiling: at },
      { samples: 1_000, seed: 0 },
    );
  // Nothing is hidden to begin with.
  const before = await answerUnder(CEILING.top);
  await expectShows(page, before);
  expect(await page.locator("[data-hidden]").getAttribute("data-hidden")).toBe("0");

  const handle = await boxOf(page, ".threshold");
  const panel = await boxOf(page, "section.data .array svg");
  const x = handle.x + 100;
  const middle = handle.y + handle.height / 2;
  await drag(page, [
    [x, middle],
    [x, panel.y + 0.55 * panel.height],
  ]);
  await settled(page);
  const at = Number(stateOf(page).get("threshold"));
  const hidden = readings.filter((value) => value > at).length;
  expect(hidden).toBeGreaterThan(3);
  expect(await page.locator("[data-hidden]").getAttribute("data-hidden")).toBe(String(hidden));
  const after = await answerUnder(at);
  await expectShows(page, after);
  // Less is known; and what is known is right: hidden readings are large, which a mean of those seen would not say.
  expect(Number(after.sd()["mean"])).toBeGreaterThan(Number(before.sd()["mean"]));
  const seen = readings.filter((value) => value <= at);
  const naive = seen.reduce((sum, value) => sum + value, 0) / seen.length;
  expect(Number(after.mean()["mean"])).toBeGreaterThan(naive);

  // A reload keeps it; pulled back up, all is seen again.
  await page.reload();
  await settled(page);
  await expectShows(page, after);
  const lower = await boxOf(page, ".threshold");
  await drag(page, [
    [x, lower.y + lower.height / 2],
    [x, panel.y - 20],
  ]);
  await settled(page);
  expect(stateOf(page).has("threshold")).toBe(false);
  await expectShows(page, before);
  await estimator.release();
  await page.close();
});

it("goes by keys on a phone, and holds for readings that are dragged", async () => {
  const page = await open(`${FRAGMENT}&threshold=0.75`, { width: 390, height: 844, dark: true });
  const { estimator } = await ready("ceiling");
  await page.locator(".threshold").focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await settled(page);
  const at = Number(stateOf(page).get("threshold"));
  expect(at).toBeLessThan(0.7);
  // A reading is moved up above the threshold by its own keys: the estimator no longer sees it.
  const point = page.locator("circle[aria-valuetext]:not(.gone)").first();
  await point.focus();
  for (let i = 0; i < 40; i++) await page.keyboard.press("ArrowUp");
  await settled(page);
  const y = dataIn(page, "y") ?? new Float64Array(0);
  const shown = y.map((value) => (value > at ? NaN : value));
  await expectShows(
    page,
    await estimator.given({ y: shown, ceiling: at }, { samples: 1_000, seed: 0 }),
  );
  // Wider than the screen is nothing.
  const wide: unknown = await page.evaluate(
    "document.documentElement.scrollWidth > document.documentElement.clientWidth",
  );
  expect(wide).toBe(false);
  await estimator.release();
  await page.close();
});
