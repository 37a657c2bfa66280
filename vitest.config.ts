import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";
import { CHROMIUM_ARGS, chromiumPath } from "./packaging/chromium.js";

/** Files that open a page in Chromium themselves. */
const PAGES = "packages/studio/test/**/*.page.test.ts";

/** Files that need Node; of the others those of the engine, of golden files and of web workers run in Chromium as well. */
const NODE_ONLY = "**/*.node.test.ts";

/** Files that need a page. */
const BROWSER_ONLY = "**/*.browser.test.ts";

const node: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: "node",
    include: [
      "packages/*/test/**/*.test.ts",
      "models/*/test/**/*.test.ts",
      "experiments/**/*.test.ts",
      "docs/test/{types,names,languages,guide}.node.test.ts",
    ],
    exclude: ["**/node_modules/**", PAGES, BROWSER_ONLY],
    pool: "forks",
  },
};

/** The studio, built once, as people have it. */
const studio: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: "studio",
    include: [PAGES],
    globalSetup: "packages/studio/test/build.ts",
    pool: "forks",
  },
};

/** The engine's tests in a real browser: the page is cross-origin isolated, so that WebAssembly gets its threads. */
function chromium(executablePath: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    server: {
      headers: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    },
    // Without this condition ONNX Runtime's threads hang: its module must not be bundled.
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
    optimizeDeps: {
      include: ["@bufbuild/protobuf", "@bufbuild/protobuf/codegenv2", "fast-check"],
      exclude: ["onnxruntime-node", "onnxruntime-web"],
    },
    test: {
      name: "chromium",
      include: [
        "packages/graph/test/**/*.test.ts",
        // Files are to answer there as they did where they were written.
        "packages/amortis/test/golden-files/*.test.ts",
        // Web workers simulate.
        "packages/amortis/test/page-workers/*.test.ts",
      ],
      exclude: [NODE_ONLY],
      browser: {
        enabled: true,
        // A busy machine takes its time to start a browser.
        connectTimeout: 300_000,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: {
            executablePath,
            args: [...CHROMIUM_ARGS],
          },
        }),
        instances: [{ browser: "chromium" }],
      },
    },
  };
}

/** Chromium, where it is installed; CI must have it, a developer's machine need not. */
function findChromium(): string | undefined {
  try {
    return chromiumPath();
  } catch (error) {
    if (process.env["CI"]) throw error;
    // Vitest reads this file more than once.
    if (!process.env["CHROMIUM_MISSING"]) {
      console.warn(`Tests in a browser are left out. ${String(error)}`);
    }
    process.env["CHROMIUM_MISSING"] = "1";
    return undefined;
  }
}

const executablePath = findChromium();

export default defineConfig({
  test: {
    // Against hanging alone: no test is to fail because the machine has other work.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
    projects: executablePath ? [node, chromium(executablePath), studio] : [node],
  },
});
