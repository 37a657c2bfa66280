/** Once loaded, the studio works without its server; and a link opens what was on screen. */
import { chromium } from "playwright-core";
import { expect, inject, it } from "vitest";
import { CHROMIUM_ARGS, chromiumPath } from "../../../packaging/chromium.js";
import { serveFolder } from "../../cli/src/static-server.js";
import { numbersOf, settled, slide, stateOf, studio } from "./studio.js";

const { open, url } = studio();

it("answers after the server is gone and the page is loaded anew", async () => {
  const server = await serveFolder({ folder: inject("studio"), port: 0 });
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...CHROMIUM_ARGS],
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${server.url}#e=gaussian-field&theta=0.2&seed=1`);
  await settled(page);
  const before = await numbersOf(page, "range");
  await page.waitForFunction("navigator.serviceWorker.controller !== null");
  await server.close();
  await page.reload();
  await settled(page);
  expect(await numbersOf(page, "range")).toEqual(before);
  // The other ready estimator too, which was not opened before.
  await page.getByRole("button", { name: "Line" }).click();
  await page.locator('[data-density="slope"]').waitFor();
  await settled(page);
  expect((await numbersOf(page, "slope"))["sd"]).toBeGreaterThan(0);
  await browser.close();
});

it("the whole state is in the address, which opens it again", async () => {
  const page = await open("e=line&theta=0.2,0.8,0.3&seed=5&tab=prior&theme=dark");
  await page.locator('[data-prior="noise"] input[type="checkbox"]').check();
  await slide(page, 'input[data-slider="share"]', 0.2);
  await page.locator('button[data-tool="erase"]').click();
  await page.locator('circle[aria-label="data y, point 13"]').press("Delete");
  await settled(page);
  const state = stateOf(page);
  expect([...state.keys()].toSorted()).toEqual(
    ["e", "erased.y", "prior.noise", "seed", "share", "tab", "theme", "theta"].toSorted(),
  );
  const numbers = await numbersOf(page, "noise");
  const second = await open(state.toString());
  expect(second.url()).toMatch(new RegExp(`^${url()}`, "u"));
  expect(await numbersOf(second, "noise")).toEqual(numbers);
  expect(await second.locator('[role="tab"][aria-selected="true"]').innerText()).toBe("Prior");
  expect(await second.locator("html").getAttribute("data-theme")).toBe("dark");
  expect(stateOf(second).toString()).toBe(state.toString());
  await page.close();
  await second.close();
});
