/**
 * What axe finds in the studio: every view, in both themes, at the sizes of a desk and of a phone.
 *
 *     npm run axe -w @amortis/studio
 *
 * axe-core is under the MPL and therefore in no lock file here: it is fetched by npm for the check alone.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "../../../packaging/chromium.js";
import { serveFolder } from "../../cli/src/static-server.js";
import { TABS } from "../src/state/tabs.js";

const VERSION = "4";
const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly {
    readonly target: readonly string[];
    readonly failureSummary?: string;
  }[];
}

const folder = await mkdtemp(join(tmpdir(), "amortis-axe-"));
const server = await serveFolder({
  folder: fileURLToPath(new URL("../dist", import.meta.url)),
  port: 0,
});
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });
try {
  const axe = await fetchAxe();
  let [views, found] = [0, 0];
  for (const theme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const tab of ["none", ...TABS]) {
        const findings = await look(browser, axe, { theme, tab, viewport });
        views++;
        for (const { id, help, nodes } of findings) {
          found++;
          console.log(`${tab}, ${theme}, ${size}: ${id}: ${help}`);
          for (const { target, failureSummary = "" } of nodes.slice(0, 3)) {
            console.log(`    ${target.join(" ")}: ${failureSummary.replaceAll("\n", " ")}`);
          }
        }
      }
    }
  }
  console.log(`axe found ${found} fault(s) in ${views} views`);
  process.exitCode = found === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true });
}

async function fetchAxe(): Promise<string> {
  const args = ["pack", `axe-core@${VERSION}`, "--silent", "--pack-destination", folder];
  const name = execFileSync("npm", args, { encoding: "utf8" }).trim().split("\n").at(-1) ?? "";
  execFileSync("tar", ["-xzf", join(folder, name), "-C", folder, "package/axe.min.js"]);
  return readFile(join(folder, "package", "axe.min.js"), "utf8");
}

async function look(
  inBrowser: Browser,
  axe: string,
  {
    theme,
    tab,
    viewport,
  }: { theme: string; tab: string; viewport: { width: number; height: number } },
): Promise<readonly Finding[]> {
  const page = await inBrowser.newPage({ viewport });
  const model = tab === "corner" || tab === "calibration" ? "gaussian-field" : "line";
  const fragment = tab === "none" ? "" : `e=${model}&tab=${tab}&theme=${theme}`;
  await page.emulateMedia({ colorScheme: theme === "dark" ? "dark" : "light" });
  await page.goto(`${server.url}#${fragment}`);
  if (tab !== "none") await page.locator('section.posterior[aria-busy="false"]').waitFor();
  const acts: Readonly<Record<string, string>> = {
    calibration: '[data-action="study"]',
    many: '[data-action="many"]',
    prior: ".prior input",
  };
  const act = acts[tab];
  if (act !== undefined) await page.locator(act).first().click();
  if (tab === "playground") await page.locator('[data-faults="0"]').waitFor();
  await page.waitForTimeout(1_500);
  await page.evaluate(axe);
  const findings: readonly Finding[] = await page.evaluate("axe.run().then((r) => r.violations)");
  await page.close();
  return findings;
}
