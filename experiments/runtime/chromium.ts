/** The benchmark's measurements in Chromium, each in a page of its own with an empty cache, of what Vite builds. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { CHROMIUM_ARGS, chromiumPath } from "../../packaging/chromium.js";

const ROOT = join(import.meta.dirname, "page");

/** A browser, and the pages it is shown. */
export class ChromiumBench {
  readonly #browser: Browser;
  readonly #server: PreviewServer;
  readonly #folder: string;

  private constructor(browser: Browser, server: PreviewServer, folder: string) {
    this.#browser = browser;
    this.#server = server;
    this.#folder = folder;
  }

  static async open(): Promise<ChromiumBench> {
    const folder = mkdtempSync(join(tmpdir(), "amortis-bench-"));
    const input = ["index.html", "start.html"].map((name) => join(ROOT, name));
    const outDir = join(folder, "dist");
    const settings = { root: ROOT, configFile: false, logLevel: "error" } as const;
    await build({ ...settings, build: { outDir, rolldownOptions: { input } } });
    const server = await preview({ ...settings, build: { outDir }, preview: { port: 0 } });
    const args = [...CHROMIUM_ARGS];
    const browser = await chromium.launch({ executablePath: chromiumPath(), args });
    return new ChromiumBench(browser, server, folder);
  }

  /** @param what a program, or an estimator's file. */
  async measure(
    kind: "step" | "answer",
    what: string,
    runtime: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#inPage("index.html", what, async (page) => {
      await page.waitForFunction(() => window.measure !== undefined);
      return page.evaluate(
        async ([asked, of, on]) => ({ ...(await window.measure?.(asked, of, on)) }),
        [kind, what, runtime] as const,
      );
    });
  }

  /** Milliseconds from navigation to the first posterior. */
  async start(file: string): Promise<Readonly<Record<string, number>>> {
    return this.#inPage("start.html", file, async (page) => {
      await page.waitForFunction(() => window.started !== undefined);
      const firstMs = await page.evaluate(async () => window.started ?? Number.NaN);
      return { firstMs };
    });
  }

  async #inPage<T>(name: string, file: string, work: (page: Page) => Promise<T>): Promise<T> {
    const context = await this.#browser.newContext();
    try {
      const page = await context.newPage();
      await page.route("**/estimator.amortis", (route) => route.fulfill({ path: file }));
      const [url = ""] = this.#server.resolvedUrls?.local ?? [];
      await page.goto(`${url}${name}`);
      return await work(page);
    } finally {
      await context.close();
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
