/**
 * What the studio is built of.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type InlineConfig } from "vite";
import { serviceWorker } from "./service-worker.js";
import { typeFiles } from "./type-files.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds everything into a folder, as people have it, also within a test. */
export async function buildAll(outDir: string): Promise<void> {
  process.env["NODE_ENV"] = "production";
  const configFile = `${root}vite.config.ts`;
  await build({ root, configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
  for (const name of ["amortis", "amortis-posterior"]) {
    await build(oneModule(name, `src/page/${name}.ts`, outDir));
  }
  await writeFile(join(outDir, "types.json"), JSON.stringify(typeFiles()));
  await writeFile(join(outDir, "sw.js"), await serviceWorker(outDir));
}

/** One ES module file with all that it needs. */
function oneModule(name: string, entry: string, outDir: string): InlineConfig {
  return {
    root,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2023",
      lib: { entry: join(root, entry), formats: ["es"], fileName: () => `${name}.js` },
      rolldownOptions: { output: { codeSplitting: false, minify: true } },
    },
  };
}
