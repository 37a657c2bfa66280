/**
 * The same page by other bundlers, which the project of a user's installs itself, and without any.
 */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { inBrowser, openFolder, type PageResult } from "./pages.js";
import { run } from "./run.js";

/** What is installed for them, in versions that are known to work. */
export const BUNDLERS: readonly string[] = [
  "webpack@5.113.0",
  "esbuild-loader@4.5.0",
  "esbuild@0.28.2",
];

/** Builds the page by webpack and esbuild, neither of which may warn, into folders of their names. */
export function bundle(project: string): void {
  const page = join(project, "page");
  for (const name of ["webpack", "esbuild"]) {
    const { stdout, stderr } = run(process.execPath, [`bundle/${name}.js`], project);
    assert.equal(stderr, "", `${name} complains`);
    assert.deepEqual(JSON.parse(stdout), [], `${name} warns`);
    const html = readFileSync(join(page, "index.html"), "utf8");
    writeFileSync(join(page, name, "index.html"), html.replace("/page.ts", "page.js"));
    copyFileSync(join(project, "line.amortis"), join(page, name, "line.amortis"));
  }
}

/**
 * Opens a page of plain files that imports the library, one file, from a server of another origin.
 *
 * @param library folder of `amortis.js`.
 */
export async function openWithoutBundler(project: string, library: string): Promise<PageResult> {
  const server = createServer((_, response) => {
    response
      .writeHead(200, { "content-type": "text/javascript", "access-control-allow-origin": "*" })
      .end(readFileSync(join(library, "amortis.js")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  try {
    const folder = plainPage(project, `http://127.0.0.1:${address.port}`);
    return await inBrowser((browser) => openFolder(browser, folder));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Files of the page, which name the server of the library. */
function plainPage(project: string, cdn: string): string {
  const folder = join(project, "cdn");
  for (const name of ["page.js", "coin.worker.js"]) {
    const text = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), text.replace('"CDN/', `"${cdn}/`));
  }
  const coin = readFileSync(join(project, "out", "coin.js"), "utf8");
  writeFileSync(join(folder, "coin.js"), coin.replace('"amortis"', `"${cdn}/amortis.js"`));
  copyFileSync(join(project, "line.amortis"), join(folder, "line.amortis"));
  return folder;
}
