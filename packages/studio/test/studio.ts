/**
 * The studio in Chromium, and what it shows as numbers.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import { loadPosterior, type AnyModel } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { CHROMIUM_ARGS, chromiumPath } from "../../../packaging/chromium.js";
import { serveFolder, type StaticServer } from "../../cli/src/static-server.js";
import { ceiling } from "../src/models/ceiling.js";
import { line } from "../src/models/line.js";

const MODELS = { "gaussian-field": gaussianField, line, ceiling } as const;

/** The file of an estimator that the studio brings along. */
export function fileOf(name: keyof typeof MODELS): string {
  return fileURLToPath(new URL(`../public/estimators/${name}.amortis`, import.meta.url));
}

/** It, loaded by the library in Node. */
export async function ready(name: keyof typeof MODELS) {
  const model: AnyModel = MODELS[name];
  const estimator = await loadPosterior(new Uint8Array(await readFile(fileOf(name))), {
    model,
    onWarning: () => {},
  });
  return { model, estimator };
}

interface Studio {
  readonly open: (fragment?: string, options?: OpenPage) => Promise<Page>;
  readonly url: () => string;
}

interface OpenPage {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A server and a browser for the tests of one file; no page may complain, or ask anybody else for anything. */
export function studio(): Studio {
  let browser: Browser;
  let server: StaticServer;
  const complaints: string[] = [];
  beforeAll(async () => {
    server = await serveFolder({ folder: inject("studio"), port: 0 });
    browser = await chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    if (complaints.length > 0) throw new Error(`a page complains: ${complaints.join("; ")}`);
  });
  return {
    url: () => server.url,
    open: async (fragment = "", { width = 1280, height = 900, dark = false } = {}) => {
      const page = await browser.newPage({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
      });
      page.setDefaultTimeout(120_000);
      page.on("console", (message) => {
        if (["warning", "error"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", ({ message }) => complaints.push(message));
      page.on("request", (request) => {
        const asked = request.url();
        const local = [server.url, "data:", "blob:"].some((start) => asked.startsWith(start));
        if (!local) complaints.push(`asked for ${asked}`);
      });
      await page.goto(`${server.url}#${fragment}`);
      if (fragment.includes("e=")) await settled(page);
      return page;
    },
  };
}

/** Waits until the address says what is on screen, and the newest question is answered. */
export async function settled(page: Page): Promise<void> {
  await page.locator('html[data-address="kept"]').waitFor({ state: "attached" });
  // What is drawn follows what is known by a frame.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
  await page.locator('section.posterior[aria-busy="false"]').waitFor();
}

/** Numbers that the page shows of a parameter, in full. */
export async function numbersOf(page: Page, parameter: string): Promise<Record<string, number>> {
  const found = page.locator(`[data-density="${parameter}"] data[data-number]`);
  const pairs = await found.evaluateAll((all) =>
    all.map((one) => [one.getAttribute("data-number"), one.getAttribute("value")] as const),
  );
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]));
}

/** Data that the address of the page holds. */
export function dataIn(page: Page, name: string): Float64Array | undefined {
  const text = stateOf(page).get(`data.${name}`);
  if (text === null) return undefined;
  const bytes = Uint8Array.from(Buffer.from(text, "base64url"));
  return Float64Array.from(new Float32Array(bytes.buffer));
}

/** What the address of the page says. */
export function stateOf(page: Page): URLSearchParams {
  return new URLSearchParams(new URL(page.url()).hash.slice(1));
}

/** Drags the mouse over places, in steps. */
export async function drag(
  page: Page,
  places: readonly (readonly [x: number, y: number])[],
): Promise<void> {
  const [[x, y] = [0, 0], ...others] = places;
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const [toX, toY] of others) await page.mouse.move(toX, toY, { steps: 6 });
  await page.mouse.up();
}

/** Where an element is on the page. */
export async function boxOf(page: Page, selector: string) {
  const place = page.locator(selector).first();
  await place.scrollIntoViewIfNeeded();
  const box = await place.boundingBox();
  if (box === null) throw new Error(`${selector} is not on the page`);
  return box;
}

/** Drags the thumb of a slider to a share of its length. */
export async function slide(page: Page, selector: string, share: number): Promise<number> {
  const box = await boxOf(page, selector);
  const value = await page.locator(selector).inputValue();
  const [least, most] = await Promise.all(
    ["min", "max"].map(async (name) => Number(await page.locator(selector).getAttribute(name))),
  );
  const [from = 0, to = 1] = [least, most];
  // The thumb is as wide as the slider is high, more or less.
  const thumb = 16;
  const at = (part: number): number => box.x + thumb / 2 + part * (box.width - thumb);
  const y = box.y + box.height / 2;
  await drag(page, [
    [at((Number(value) - from) / (to - from)), y],
    [at(share), y],
  ]);
  return Number(await page.locator(selector).inputValue());
}
