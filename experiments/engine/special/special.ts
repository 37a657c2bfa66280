/**
 * Ranges and errors of every special function on every runtime, as the table of docs/engine.md.
 *
 *     npm run experiment:special
 *
 * Values and derivatives of float32 numbers of every size, from the smallest denormal to infinity, NaN among them, are held against
 * double precision. An error is in roundings: units of the last place of the true value (of 1.4e-45 where it is denormal). Chromium
 * takes part where it is installed, or CHROMIUM_PATH names one.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { createServer, defaultClientConditions } from "vite";
import { nodeRuntime } from "../../../packages/graph/src/runtimes/node.js";
import { wasmRuntime } from "../../../packages/graph/src/runtimes/wasm.js";
import { webRuntime } from "../../../packages/graph/src/runtimes/web.js";
import { everyNumber } from "../../../packages/graph/test/special/functions.js";
import type { Measured } from "../../../packages/graph/test/special/measure.js";
import { measureAll, type MeasuredAll } from "./measure-all.js";

const root = new URL("../../..", import.meta.url).pathname;

/** The version of an installed package. */
function versionOf(name: string): string {
  const { version } = createRequire(import.meta.url)(
    `${root}/node_modules/${name}/package.json`,
  ) as {
    readonly version: string;
  };
  return version;
}

const browserPath = [process.env["CHROMIUM_PATH"] ?? "", "/usr/bin/chromium"].find(existsSync);

async function measureInBrowser(executablePath: string): Promise<readonly [string, MeasuredAll][]> {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    server: {
      headers: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    },
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
    optimizeDeps: { exclude: ["onnxruntime-node", "onnxruntime-web"] },
  });
  await server.listen();
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(`${server.resolvedUrls?.local[0] ?? ""}experiments/engine/special/page.html`);
    await page.waitForFunction(() => window.measured !== undefined, undefined, {
      timeout: 120_000,
    });
    const json = (await page.evaluate(async () => window.measured)) ?? "{}";
    const chromium = `in Chromium ${browser.version().split(".")[0] ?? ""}`;
    const { own, web } = parse(json);
    return [
      [`the engine's own, ${chromium}`, own],
      [`wasm ${chromium}`, web],
    ];
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Numbers that JSON cannot hold came as text. */
function parse(json: string): Readonly<Record<"own" | "web", MeasuredAll>> {
  return JSON.parse(json, (_, value: unknown) =>
    value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value,
  ) as Readonly<Record<"own" | "web", MeasuredAll>>;
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(3)));
}

function cell(found: Measured | undefined): string {
  if (found === undefined) return "";
  return [found.value, found.slope]
    .map(({ roundings, at }) =>
      roundings === 0
        ? "0"
        : `${formatNumber(Number(roundings.toPrecision(2)))} at ${formatNumber(at)}`,
    )
    .join("; ");
}

const results: [string, MeasuredAll][] = [
  ["the engine's own, in Node", await measureAll(wasmRuntime())],
  [
    `onnxruntime-node ${versionOf("onnxruntime-node")}`,
    await measureAll(nodeRuntime({ threads: 1 })),
  ],
  [`wasm ${versionOf("onnxruntime-web")} in Node`, await measureAll(webRuntime({ threads: 1 }))],
];
if (browserPath === undefined) console.error("Chromium is not installed: it is left out");
else results.push(...(await measureInBrowser(browserPath)));

console.log(
  `Largest errors of ${everyNumber().length} numbers; of the value; of the derivative.\n`,
);
console.log(`| | ${results.map(([name]) => name).join(" | ")} |`);
console.log(`|---|${results.map(() => "---|").join("")}`);
for (const name of Object.keys(results[0]?.[1] ?? {})) {
  console.log(`| \`${name}\` | ${results.map(([, found]) => cell(found[name])).join(" | ")} |`);
}
