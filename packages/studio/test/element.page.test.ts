/** `<amortis-posterior>` and the library as one file, in a page and a worker of a plain static server, without a bundler. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { CHROMIUM_ARGS, chromiumPath } from "../../../packaging/chromium.js";
import { serveFolder, type StaticServer } from "../../cli/src/static-server.js";
import { expectShows, simulated } from "./library.js";
import { fileOf, ready } from "./studio.js";

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>a page</title>
<link rel="icon" href="data:,">
<script type="module" src="amortis-posterior.js"></script>
<amortis-posterior src="line.amortis" samples="500" seed="3"></amortis-posterior></html>`;

/** A page of a user's, without any bundler. */
const LIBRARY = `<!doctype html><html lang="en"><meta charset="utf-8"><title>a page</title>
<link rel="icon" href="data:,">
<script type="module">
import { loadPosterior } from "./amortis.js";
const inWorker = (given) => new Promise((resolve) => {
  const worker = new Worker("worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }) => resolve(data));
  worker.postMessage(given);
});
globalThis.slopes = async (y) => {
  const bytes = new Uint8Array(await (await fetch("line.amortis")).arrayBuffer());
  const file = new File([bytes], "line.amortis");
  const estimator = await loadPosterior(new Uint8Array(await file.arrayBuffer()));
  const posterior = await estimator.given({ y }, { samples: 500, seed: 3 });
  return [posterior.mean().slope, await inWorker({ y }), await inWorker({ y, bytes })];
};
</script></html>`;

const WORKER = `import { loadPosterior } from "./amortis.js";
addEventListener("message", async ({ data: { y, bytes } }) => {
  const estimator = await loadPosterior(bytes ?? new URL("line.amortis", location.href));
  const posterior = await estimator.given({ y }, { samples: 500, seed: 3 });
  postMessage(posterior.mean().slope);
});`;

let folder: string;
let server: StaticServer;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amortis-element-"));
  for (const name of ["amortis.js", "amortis-posterior.js"]) {
    await copyFile(join(inject("studio"), name), join(folder, name));
  }
  await copyFile(fileOf("line"), join(folder, "line.amortis"));
  await writeFile(join(folder, "index.html"), PAGE);
  await writeFile(join(folder, "library.html"), LIBRARY);
  await writeFile(join(folder, "worker.js"), WORKER);
  server = await serveFolder({ folder, port: 0 });
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });
});

afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true });
  if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join("; ")}`);
});

async function openPage(name = ""): Promise<Page> {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(`${server.url}${name}`);
  return page;
}

async function lineData(): Promise<Float64Array> {
  const { model, estimator } = await ready("line");
  await estimator.release();
  return (await simulated(model, [0.5, -1, 0.2], 3))["y"] ?? new Float64Array(0);
}

it("shows the posterior of data given as a property, and follows them", async () => {
  const page = await openPage();
  const y = await lineData();
  const { estimator } = await ready("line");
  const give = async (values: Float64Array): Promise<void> => {
    await page.locator("amortis-posterior").evaluate(
      async (element, numbers) =>
        new Promise<void>((resolve) => {
          element.addEventListener(
            "answer",
            () => {
              resolve();
            },
            { once: true },
          );
          Object.assign(element, { data: { y: numbers } });
        }),
      Array.from(values),
    );
  };
  await give(y);
  await expectShows(page, await estimator.given({ y }, { samples: 500, seed: 3 }));
  expect(await page.locator("amortis-posterior svg path").count()).toBeGreaterThan(3);
  const moved = y.map((value) => value + 1);
  await give(moved);
  await expectShows(page, await estimator.given({ y: moved }, { samples: 500, seed: 3 }));
  await estimator.release();
  await page.close();
});

it("takes data as an attribute and an estimator as a File, and says what is wrong", async () => {
  const page = await openPage();
  const y = await lineData();
  const { estimator } = await ready("line");
  const bytes = (await readFile(fileOf("line"))).toString("base64");
  await page.evaluate(
    ([text, numbers]) => {
      const element = document.createElement("amortis-posterior");
      element.id = "second";
      element.setAttribute("seed", "3");
      element.setAttribute("samples", "500");
      element.setAttribute("data", JSON.stringify({ y: numbers }));
      const file = new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], "a.amortis");
      document.querySelector("amortis-posterior")?.replaceWith(element);
      Object.assign(element, { file });
    },
    [bytes, Array.from(y)] as const,
  );
  await page.locator("#second figure").first().waitFor();
  await expectShows(page, await estimator.given({ y }, { samples: 500, seed: 3 }));
  await page.locator("#second").evaluate((element) => {
    element.setAttribute("data", '{"y": [1, 2]}');
  });
  await page.locator("#second [role=alert]").waitFor();
  expect(await page.locator("#second [role=alert]").innerText()).toMatch(/"y" must be/u);
  await estimator.release();
  await page.close();
});

it("the library as one file answers in a worker and in the page, by URL and by bytes", async () => {
  const page = await openPage("library.html");
  const y = await lineData();
  const { estimator } = await ready("line");
  const mean = (await estimator.given({ y }, { samples: 500, seed: 3 })).mean()["slope"];
  await page.waitForFunction("globalThis.slopes !== undefined");
  const slopes: unknown = await page.evaluate(`slopes(${JSON.stringify(Array.from(y))})`);
  expect(slopes).toEqual([mean, mean, mean]);
  await estimator.release();
  await page.close();
});
