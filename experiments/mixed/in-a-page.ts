/**
 * The same mixed model in a page and in Node: the same numbers, and how long they take in Chromium.
 *
 *     npm run experiment:mixed-page
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lmm, sleepstudy } from "@amortis/mixed";
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { CHROMIUM_ARGS, chromiumPath } from "../../packaging/chromium.js";

const root = join(import.meta.dirname, "page");
const folder = mkdtempSync(join(tmpdir(), "amortis-mixed-"));
const settings = { root, configFile: false, logLevel: "error" } as const;
const outDir = join(folder, "dist");
await build({ ...settings, build: { outDir } });
const server = await preview({ ...settings, build: { outDir }, preview: { port: 0 } });
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => {
    console.error(error);
  });
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.waitForFunction(() => window.found !== undefined);
  const found = await page.evaluate(async () => window.found);
  if (found === undefined) throw new Error("the page has found nothing");
  const own = await lmm("Reaction ~ Days + (Days | Subject)", sleepstudy, { seed: 0 });
  const { fixed, sd, sigma } = own.mean();
  const mean = { days: fixed["Days"], sd: sd["Days"], sigma };
  const later = found.later.toSorted((a, b) => a - b);
  console.log(
    `Chromium: load ${found.load.toFixed(0)} ms, first answer ${found.first.toFixed(0)} ms, later ${(later[10] ?? 0).toFixed(0)} ms (least ${(later[0] ?? 0).toFixed(0)}), k ${found.k.toFixed(2)}`,
  );
  console.log("in the page", found.mean);
  console.log("in Node    ", mean);
  console.log(
    JSON.stringify(found.mean) === JSON.stringify(mean) ? "to the bit the same" : "NOT the same",
  );
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
