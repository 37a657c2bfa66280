/**
 * A page of a user's, served by Vite's development server and as Vite builds it, in Chromium.
 */
import assert from "node:assert/strict";
import { basename, dirname, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { build, createLogger, createServer, preview, type Logger } from "vite";
import { CHROMIUM_ARGS, chromiumPath } from "./chromium.js";

/** What the page says that came of it; `packaging/consumer/page/page.ts`. */
export interface PageResult {
  readonly page: readonly number[];
  readonly worker: { readonly draws: readonly number[] };
  readonly trained: {
    readonly mean: number;
    readonly draws: readonly number[];
    readonly figure: boolean;
  };
}

/**
 * What Vite must be told of workers that do not load files: as one file, its default, it builds none of what is imported later and not used (rolldown 1.2 keeps a chunk of
 * each, and then refuses).
 */
const WORKER = { format: "es" } as const;

/** Opens the page as Vite serves and builds it, without any other configuration, and as webpack and esbuild have built it into folders of their names. */
export async function openPages(root: string): Promise<readonly PageResult[]> {
  return inBrowser(async (browser) => [
    await served(browser, root),
    await built(browser, root),
    await openFolder(browser, join(root, "webpack")),
    await openFolder(browser, join(root, "esbuild")),
  ]);
}

/** Does work with a browser. */
export async function inBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...CHROMIUM_ARGS],
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Opens the page of a folder, from a server of plain files. */
export async function openFolder(browser: Browser, folder: string): Promise<PageResult> {
  const server = await preview({
    root: dirname(folder),
    configFile: false,
    build: { outDir: basename(folder) },
    preview: { port: 0 },
    logLevel: "warn",
  });
  try {
    return await open(browser, server.resolvedUrls?.local[0]);
  } finally {
    await server.close();
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
  await build({ root, configFile: false, customLogger: logger, logLevel: "warn", worker: WORKER });
  assert.deepEqual(warnings, [], "Vite's build warns");
  return openFolder(browser, join(root, "dist"));
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

/** Bytes of what a page loads that only answers, which is JavaScript alone, as they are and compressed; as Vite builds it, in Chromium. */
export async function answeringBytes(root: string): Promise<readonly [number, number]> {
  const outDir = join(root, "answering");
  const options = { root, configFile: false, logLevel: "silent" } as const;
  await build({
    ...options,
    build: { outDir, rolldownOptions: { input: join(root, "answer.html") } },
  });
  const server = await preview({ ...options, build: { outDir }, preview: { port: 0 } });
  try {
    const loaded = await inBrowser((browser) =>
      loadedBy(browser, new URL("answer.html", server.resolvedUrls?.local[0]).href),
    );
    assert(loaded.every(([extension]) => [".html", ".js", ".amortis"].includes(extension)));
    const scripts = loaded.flatMap(([extension, body]) => (extension === ".js" ? [body] : []));
    const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
    return [
      total(scripts.map(({ length }) => length)),
      total(scripts.map((script) => gzipSync(script).length)),
    ];
  } finally {
    await server.close();
  }
}

/** What a page loads until it has answered, with the extension of each. */
async function loadedBy(
  browser: Browser,
  url: string,
): Promise<readonly (readonly [string, Buffer])[]> {
  const page = await browser.newPage();
  const loading: Promise<readonly [string, Buffer]>[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    loading.push(response.body().then((body) => [extname(pathname), body]));
  });
  await page.goto(url);
  // The page has no other text than its answer.
  await page.getByText(/^-?\d/).waitFor({ timeout: 120_000 });
  return Promise.all(loading);
}
