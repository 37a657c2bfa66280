/** Opening estimators and data, dragging θ, painting: the numbers shown are the library's own. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy } from "amortis/files";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectShows, simulated, type Data } from "./library.js";
import {
  boxOf,
  dataIn,
  drag,
  fileOf,
  numbersOf,
  ready,
  settled,
  slide,
  stateOf,
  studio,
} from "./studio.js";

const { open, url } = studio();

/** The page's numbers must be those of the library, given the same data. */
async function expectSame(page: Page, name: "gaussian-field" | "line", data: Data): Promise<void> {
  const { estimator } = await ready(name);
  await expectShows(page, await estimator.given(data, { samples: 1_000, seed: 0 }));
  await estimator.release();
}

it("opens a ready estimator, a file by picking and by dropping, and a URL, each with its card", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Gaussian field" }).click();
  await settled(page);
  await page.getByRole("tab", { name: "Card" }).click();
  expect(await page.locator("dl[data-card]").getAttribute("data-card")).toBe("gaussian-field");
  expect(await page.locator("dl[data-card]").innerText()).toMatch(/uniform\(lower 0, upper 0\.6/u);

  await page.locator('input[data-picker="any"]').setInputFiles(fileOf("line"));
  await page.locator('dl[data-card="line"]').waitFor();
  expect(stateOf(page).get("e")).not.toBe("line");

  await page
    .getByRole("textbox", { name: "URL" })
    .fill(`${url()}estimators/gaussian-field.amortis`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.locator('dl[data-card="gaussian-field"]').waitFor();

  // A drop of an estimator and its data at once.
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  const data = await simulated((await ready("line")).model, [0.5, -1, 0.2], 3);
  const y = data["y"] ?? new Float64Array(0);
  const file = join(folder, "y.npy");
  await writeFile(file, encodeNpy({ shape: [24], data: y }));
  await dropFiles(page, [file, fileOf("line")]);
  await page.locator('dl[data-card="line"]').waitFor();
  await settled(page);
  await expectSame(page, "line", data);

  // What is no estimator says so beside the button, and what was open stays open.
  await page.getByRole("textbox", { name: "URL" }).fill(`${url()}icon.svg`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.locator('[data-error="open"]').waitFor();
  expect(await page.locator("dl[data-card]").getAttribute("data-card")).toBe("line");
  await page.close();
});

it("θ is dragged, and the data and the posterior follow", async () => {
  const page = await open("e=gaussian-field&theta=0.1&seed=7");
  const { model } = await ready("gaussian-field");
  await expectSame(page, "gaussian-field", await simulated(model, [0.1], 7));
  const theta = await slide(page, 'input[data-theta="range"]', 0.7);
  expect(theta).toBeGreaterThan(0.35);
  await settled(page);
  expect(Number(stateOf(page).get("theta"))).toBe(theta);
  await expectSame(page, "gaussian-field", await simulated(model, [theta], 7));
  // Keys do it as well.
  await page.locator('input[data-theta="range"]').press("ArrowLeft");
  await settled(page);
  const less = Number(stateOf(page).get("theta"));
  expect(less).toBeLessThan(theta);
  await expectSame(page, "gaussian-field", await simulated(model, [less], 7));
  await page.close();
});

it("a field is painted, and the posterior follows", async () => {
  const page = await open("e=gaussian-field&theta=0.3&seed=2");
  const before = await numbersOf(page, "range");
  const { x, y, width, height } = await boxOf(page, ".field canvas");
  await drag(page, [
    [x + 0.2 * width, y + 0.2 * height],
    [x + 0.8 * width, y + 0.7 * height],
  ]);
  await settled(page);
  const z = dataIn(page, "z") ?? new Float64Array(0);
  expect(z).toHaveLength(256);
  expect((await numbersOf(page, "range"))["mean"]).not.toBe(before["mean"]);
  await expectSame(page, "gaussian-field", { z });
  // By keys: the brush starts in the middle.
  await page.locator(".field canvas").press("ArrowRight");
  await page.locator(".field canvas").press("+");
  await settled(page);
  const raised = dataIn(page, "z") ?? new Float64Array(0);
  const most = raised.reduce((at, value, i) => {
    const [gain, best] = [value - (z[i] ?? 0), (raised[at] ?? 0) - (z[at] ?? 0)];
    return gain > best ? i : at;
  }, 0);
  expect(most).toBe(8 * 16 + 9);
  await expectSame(page, "gaussian-field", { z: raised });
  await page.close();
});

it("points of a series are dragged, and the posterior follows", async () => {
  const page = await open("e=line&theta=0.2,0.8,0.3&seed=5");
  const point = await boxOf(page, 'circle[aria-label="data y, point 13"]');
  const [x, y] = [point.x + point.width / 2, point.y + point.height / 2];
  await drag(page, [
    [x, y],
    [x, y - 40],
  ]);
  await settled(page);
  const after = dataIn(page, "y") ?? new Float64Array(0);
  const { model } = await ready("line");
  const before = (await simulated(model, [0.2, 0.8, 0.3], 5))["y"] ?? new Float64Array(0);
  const changed = Array.from(after, (value, i) => (Object.is(value, before[i]) ? -1 : i));
  expect(changed.filter((i) => i >= 0)).toEqual([12]);
  expect(after[12]).toBeGreaterThan(before[12] ?? NaN);
  await expectSame(page, "line", { y: after });
  await page.close();
});

/** Drops files on the page, as a hand would. */
async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  await page.evaluate(() => {
    const picker = document.createElement("input");
    picker.type = "file";
    picker.multiple = true;
    picker.id = "dropped";
    document.body.append(picker);
  });
  await page.locator("#dropped").setInputFiles([...paths]);
  await page.evaluate(() => {
    const picker = document.querySelector<HTMLInputElement>("#dropped");
    const carried = new DataTransfer();
    for (const file of picker?.files ?? []) carried.items.add(file);
    picker?.remove();
    const event = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
    document.querySelector(".app")?.dispatchEvent(event);
  });
}
