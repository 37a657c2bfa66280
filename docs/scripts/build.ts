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

if (process.argv.includes("--pages")) {
  process.env["AMORTIS_DOCS_PAGES"] = "1";
  await build(DOCS);
} else {
  rmSync(`${DOCS}/api`, { recursive: true, force: true });
  script("api.ts");
  await build(DOCS);
  script("check-links.ts");
}
