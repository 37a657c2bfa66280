/**
 * Builds the site: the reference from docstrings, the pages, and a check of all links.
 *
 *     npm run docs
 *     npm run docs -- --pages      # without the reference, which takes most of the time, and the check
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";

const DOCS = fileURLToPath(new URL("..", import.meta.url));

/** Runs a script of this folder in a process of its own. */
function script(name: string): void {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const { status } = spawnSync(process.execPath, ["--import", "tsx", path], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${name} failed`);
}

const isWhole = !process.argv.includes("--pages");
if (!isWhole) process.env["AMORTIS_DOCS_PAGES"] = "1";
script("live.ts");
if (isWhole) {
  rmSync(`${DOCS}/api`, { recursive: true, force: true });
  script("api.ts");
}
await build(DOCS);
script("texts.ts");
if (isWhole) script("check-links.ts");
