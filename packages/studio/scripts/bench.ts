/**
 * How fast the studio is, in Chromium: from opening it to the first posterior, cold and warm; milliseconds a posterior and frames while θ is dragged, on this machine and
 * with the processor six times slower; and what is loaded.
 *
 *     npm run bench:studio                                    # all; on a quiet machine a few minutes
 *     npm run bench -w @amortis/studio -- drag sizes          # parts of it: open, drag, sizes
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium, type Browser, type Page } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "../../../packaging/chromium.js";
import { serveFolder } from "../../cli/src/static-server.js";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const MODELS = ["gaussian-field", "line"] as const;
const SLOW = 6;
const RUNS = 3;
/** Seconds of dragging, and moves a second, as a mouse makes them. */
const [SECONDS, MOVES] = [5, 60];

const server = await serveFolder({ folder: DIST, port: 0 });
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });
/** A busy machine takes its time. */
const PATIENCE = 300_000;
const asked = process.argv.slice(2);
const wants = (part: string): boolean => asked.length === 0 || asked.includes(part);
try {
  if (wants("open")) await tellOpenings();
  if (wants("drag")) await tellDragging();
  if (wants("sizes")) console.log(`\n${await sizes()}`);
} finally {
  await browser.close();
  await server.close();
}

async function tellOpenings(): Promise<void> {
  console.log(`from opening to the first posterior, ms, median of ${RUNS} (least to most)\n`);
  console.log(
    `| | cold | warm | cold, ${SLOW} times slower | warm, ${SLOW} times slower |\n|---|---|---|---|---|`,
  );
  for (const model of MODELS) {
    const cells = [];
    for (const slow of [1, SLOW]) cells.push(...(await openings(browser, model, slow)));
    console.log(`| ${model} | ${cells.join(" | ")} |`);
  }
}

async function tellDragging(): Promise<void> {
  console.log(`\nwhile θ is dragged for ${SECONDS} s, ${MOVES} moves a second\n`);
  console.log(
    "| | posteriors a second | ms a posterior, worker | ms from move to picture | frames a second | frames over 50 ms |\n|---|---|---|---|---|---|",
  );
  for (const model of MODELS) {
    for (const slow of [1, SLOW]) {
      const row = await dragging(browser, model, slow);
      console.log(`| ${model}${slow > 1 ? `, ${slow} times slower` : ""} | ${row.join(" | ")} |`);
    }
  }
}

async function slowed(page: Page, times: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: times });
}

/** Until the first posterior is on the page, with nothing cached, and with everything. */
async function openings(
  inBrowser: Browser,
  model: string,
  slow: number,
): Promise<readonly string[]> {
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const context = await inBrowser.newContext();
    for (const times of [cold, warm]) {
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      await slowed(page, slow);
      const started = performance.now();
      await page.goto(`${server.url}#e=${model}`, { waitUntil: "commit" });
      await page.locator("[data-density] data").first().waitFor();
      times.push(performance.now() - started);
      // The next finds its files in the cache.
      await page.waitForTimeout(1_500);
      await page.close();
    }
    await context.close();
  }
  return [cold, warm].map((times) => {
    const sorted = times.toSorted((a, b) => a - b).map(Math.round);
    return `${sorted[RUNS >> 1]} (${sorted[0]} to ${sorted.at(-1)})`;
  });
}

async function dragging(
  inBrowser: Browser,
  model: string,
  slow: number,
): Promise<readonly string[]> {
  const page = await inBrowser.newPage();
  page.setDefaultTimeout(PATIENCE);
  // The loader of TypeScript gives functions their names by it, also those that run in the page.
  await page.addInitScript("globalThis.__name = (named) => named");
  await page.goto(`${server.url}#e=${model}`);
  await page.locator("[data-density] data").first().waitFor();
  await page.waitForTimeout(2_000);
  await slowed(page, slow);
  const measured = await page.evaluate(measure, { seconds: SECONDS, moves: MOVES });
  await page.close();
  const { answers, worker, delays, frames } = measured;
  const gaps = frames.slice(1).map((at, i) => at - (frames[i] ?? at));
  const span = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1_000;
  return [
    (answers / SECONDS).toFixed(0),
    median(worker).toFixed(1),
    median(delays).toFixed(0),
    (gaps.length / span).toFixed(0),
    `${gaps.filter((gap) => gap > 50).length} of ${gaps.length}`,
  ];
}

/** In the page: the slider goes to and fro, and what follows is counted. */
async function measure({ seconds, moves }: { seconds: number; moves: number }) {
  const slider = document.querySelector<HTMLInputElement>("input[data-theta]");
  const number = document.querySelector('[data-density] data[data-number="mean"]');
  const time = document.querySelector(".legend .time");
  if (slider === null || number === null || time === null) throw new Error("nothing is open");
  const [least, most] = [Number(slider.min), Number(slider.max)];
  const frames: number[] = [];
  const delays: number[] = [];
  const worker: number[] = [];
  let answers = 0;
  let moved = performance.now();
  const watcher = new MutationObserver(() => {
    answers++;
    delays.push(performance.now() - moved);
    worker.push(Number.parseFloat(time.textContent ?? ""));
  });
  watcher.observe(number, { attributes: true, attributeFilter: ["value"] });
  const end = performance.now() + 1_000 * seconds;
  const frame = (at: number): void => {
    frames.push(at);
    if (at < end) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  await new Promise<void>((done) => {
    let step = 0;
    const timer = setInterval(() => {
      const share = 0.5 + 0.4 * Math.sin((step++ / moves) * 2 * Math.PI * 0.4);
      slider.value = String(least + share * (most - least));
      moved = performance.now();
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      if (performance.now() > end) {
        clearInterval(timer);
        done();
      }
    }, 1_000 / moves);
  });
  watcher.disconnect();
  return { answers, worker, delays, frames };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** What a page loads, as it is and compressed. */
async function sizes(): Promise<string> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const loaded: Promise<Buffer>[] = [];
  page.on("response", (response) => {
    if (/\.(js|css)$|\/$/u.test(new URL(response.url()).pathname)) loaded.push(response.body());
  });
  await page.goto(`${server.url}#e=gaussian-field`);
  await page.locator("[data-density] data").first().waitFor();
  const bodies = await Promise.all(loaded);
  await page.close();
  const rows = [["the page with its first posterior", ...total(bodies)]];
  for (const name of ["amortis.js", "amortis-posterior.js", "types.json"]) {
    rows.push([name, ...total([await readFile(join(DIST, name))])]);
  }
  const assets = await readdir(join(DIST, "assets"));
  for (const part of ["checker", "playground"]) {
    const name = assets.find((file) => file.startsWith(`${part}-`) && file.endsWith(".js")) ?? "";
    rows.push([`assets/${part}`, ...total([await readFile(join(DIST, "assets", name))])]);
  }
  const lines = rows.map((row) => `| ${row.join(" | ")} |`);
  return ["| loaded | kB | kB compressed |", "|---|---|---|", ...lines].join("\n");
}

function total(bodies: readonly Buffer[]): readonly string[] {
  const sum = (of: (body: Buffer) => number): string =>
    String(Math.round(bodies.reduce((all, body) => all + of(body), 0) / 1e3));
  return [sum((body) => body.length), sum((body) => gzipSync(body).length)];
}
