/**
 * A page of a user's, served by Vite's development server and as Vite builds it, in Chromium.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { build, createLogger, createServer, preview, type Logger } from "vite";
import { CHROMIUM_ARGS, chromiumPath } from "./chromium.js";

/** What the page says that came of it; `packaging/consumer/page/page.ts`. */
export interface PageResult {
  readonly page: readonly number[];
  readonly worker: { readonly draws: readonly number[] };
  readonly trained: { readonly mean: number; readonly figure: boolean };
}

/** Opens the page both ways, without any configuration of Vite. */
export async function openPages(root: string): Promise<readonly PageResult[]> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...CHROMIUM_ARGS],
  });
  try {
    return [await served(browser, root), await built(browser, root)];
  } finally {
    await browser.close();
  }
}

async function served(browser: Browser, root: string): Promise<PageResult> {
  const { logger, warnings } = listener();
  const server = await createServer({
    root,
    configFile: false,
    customLogger: logger,
    server: { port: 0 },
  });
  await server.listen();
  try {
    const result = await open(browser, server.resolvedUrls?.local[0]);
    assert.deepEqual(warnings, [], "Vite's development server warns");
    return result;
  } finally {
    await server.close();
  }
}

async function built(browser: Browser, root: string): Promise<PageResult> {
  const { logger, warnings } = listener();
  await build({ root, configFile: false, customLogger: logger, logLevel: "warn" });
  assert.deepEqual(warnings, [], "Vite's build warns");
  const server = await preview({ root, configFile: false, preview: { port: 0 }, logLevel: "warn" });
  try {
    return await open(browser, server.resolvedUrls?.local[0]);
  } finally {
    await server.close();
  }
}

/** A logger that keeps warnings and errors. */
function listener(): { readonly logger: Logger; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const keep = (message: string): void => {
    warnings.push(message);
  };
  const logger = { ...createLogger("silent"), warn: keep, warnOnce: keep, error: keep };
  return { logger, warnings };
}

/** Opens the page and waits for what it says; it must not complain. */
async function open(browser: Browser, url: string | undefined): Promise<PageResult> {
  assert(url !== undefined);
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(url);
  // A busy machine takes its time.
  const text = await page.locator("#result").textContent({ timeout: 120_000 });
  await page.close();
  assert.deepEqual(complaints, [], "the page complains");
  const result: PageResult & { readonly error?: string } = JSON.parse(text ?? "");
  assert.equal(result.error, undefined);
  return result;
}

/** Bytes of what a page needs that only answers, which is JavaScript alone, as they are and compressed. */
export async function answeringBytes(root: string): Promise<readonly [number, number]> {
  const outDir = join(root, "answering");
  await build({
    root,
    configFile: false,
    logLevel: "silent",
    build: { outDir, rolldownOptions: { input: join(root, "answer.html") } },
  });
  const folder = join(outDir, "assets");
  const files = readdirSync(folder);
  assert(
    files.every((name) => name.endsWith(".js")),
    files.join(),
  );
  const bytes = files.map((name) => readFileSync(join(folder, name)));
  const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
  return [
    total(bytes.map(({ length }) => length)),
    total(bytes.map((file) => gzipSync(file).length)),
  ];
}
