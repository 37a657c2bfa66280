/** What is taken out reproduces what is on screen: programs are run, files are read. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseCsv, readData } from "amortis/files";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { fileOf, numbersOf, ready, studio } from "./studio.js";

const { open } = studio();
const ROOT = resolve(import.meta.dirname, "../../..");
const TSX = join(ROOT, "node_modules", ".bin", "tsx");

/** A folder of a user's, in which amortis is installed. */
async function project(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "amortis-taken-"));
  await copyFile(fileOf("line"), join(folder, "line.amortis"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

async function scriptIn(page: Page, language: string): Promise<string> {
  await page.getByRole("button", { name: language, exact: true }).click();
  return page.locator(`[data-script="${language}"]`).inputValue();
}

it("the TypeScript program gives the numbers on screen, under another prior and with values missing", async () => {
  const prior =
    '{"name":"truncatedNormal","mean":0.5,"sd":0.5,"lower":"-Infinity","upper":"Infinity"}';
  const page = await open(
    `e=line&theta=0.2,0.8,0.3&seed=5&erased.y=2,9&prior.slope=${encodeURIComponent(prior)}&tab=take`,
  );
  const folder = await project();
  await writeFile(join(folder, "answer.ts"), await scriptIn(page, "TypeScript"));
  const printed = execFileSync(TSX, ["answer.ts"], { cwd: folder, encoding: "utf8" });
  const answer: Record<string, Record<string, number>> = JSON.parse(printed);
  for (const name of ["intercept", "slope", "noise"]) {
    const shown = await numbersOf(page, name);
    for (const [what, value] of Object.entries(shown)) expect(answer[what]?.[name]).toBe(value);
  }
  // The command does not go to another prior: it says so in place of a program.
  await page.getByRole("button", { name: "Python", exact: true }).click();
  await page.locator('[role="alert"]:has-text("does not reweight")').waitFor();
  await rm(folder, { recursive: true });
  await page.close();
});

it("the Python program gives the numbers on screen, by the command", async ({ skip }) => {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
  } catch {
    skip("there is no python3");
  }
  const page = await open("e=line&theta=0.2,0.8,0.3&seed=5&erased.y=2,9&tab=take");
  const folder = await project();
  await writeFile(join(folder, "answer.py"), await scriptIn(page, "Python"));
  const printed = execFileSync("python3", ["answer.py"], { cwd: folder, encoding: "utf8" });
  const answer: Record<string, Record<string, number>> = JSON.parse(printed);
  for (const name of ["intercept", "slope", "noise"]) {
    expect(answer["mean"]?.[name]).toBe((await numbersOf(page, name))["mean"]);
  }
  await rm(folder, { recursive: true });
  await page.close();
});

it("draws and figures are downloaded", async () => {
  const page = await open("e=line&theta=0.2,0.8,0.3&seed=5&tab=take");
  const taken = async (action: string): Promise<Uint8Array> => {
    const downloading = page.waitForEvent("download");
    await page.locator(`[data-action="${action}"]`).click();
    return new Uint8Array(await readFile(await (await downloading).path()));
  };
  const { model, estimator } = await ready("line");
  const { simulated } = await import("./library.js");
  const data = await simulated(model, [0.2, 0.8, 0.3], 5);
  const { draws } = await estimator.given(data, { samples: 1_000, seed: 0 });
  const csv = parseCsv(new TextDecoder().decode(await taken("csv")), "draws.csv", () => {});
  expect(JSON.stringify(csv)).toContain("intercept");
  const folder = await mkdtemp(join(tmpdir(), "amortis-taken-"));
  await writeFile(join(folder, "draws.npy"), await taken("npy"));
  const npy = await readData(join(folder, "draws.npy"));
  expect(npy).toMatchObject({ shape: [1_000, 3] });
  expect(Array.from((npy as { readonly data: Float64Array }).data)).toEqual(Array.from(draws));
  expect(new TextDecoder().decode(await taken("svg"))).toMatch(/^<svg .*posterior of line/su);
  expect(Array.from((await taken("png")).slice(1, 4), (c) => String.fromCharCode(c)).join("")).toBe(
    "PNG",
  );
  await estimator.release();
  await rm(folder, { recursive: true });
  await page.close();
});
