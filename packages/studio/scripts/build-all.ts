/**
 * What the studio is built of.
 */
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the web app into a folder. */
export async function buildAll(outDir: string): Promise<void> {
  const configFile = `${root}vite.config.ts`;
  await build({ root, configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
}
