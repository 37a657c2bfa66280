/**
 * Runs the blocks of pages in their order, each page in a folder of its own.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { blocksOf, folderOf, programsOf, type Block, type Program } from "./blocks.js";
import { writeGiven } from "./given/files.js";
import { commandsOf, faultOf } from "./shell.js";

const SMALL = fileURLToPath(new URL("small.js", import.meta.url));

/** Tests of the blocks of pages. */
export function testPages(pages: readonly string[]): void {
  const withBlocks = pages.filter((page) =>
    blocksOf(page).some(({ language }) => language === "ts" || language === "sh"),
  );
  describe.each(withBlocks)("%s", (page) => {
    const folder = folderOf("run", page);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const programs = programsOf(page, folder);
    for (const block of blocksOf(page)) {
      const program = programs.find((one) => one.block === block || one.block.line === block.line);
      if (program !== undefined) testProgram(program, folder);
      else if (block.language === "sh") testShell(block, folder);
    }
  });
}

function testProgram({ block, name, text }: Program, folder: string): void {
  const path = join(folder, name);
  const small = relative(folder, SMALL);
  writeFileSync(path, text.replaceAll(/from "amortis"/g, `from "${small}"`));
  it.skipIf(block.norun !== undefined)(`runs the TypeScript of line ${block.line}`, async () => {
    for (const file of block.files) await writeGiven(file, folder);
    enter(folder);
    await expect(import(/* @vite-ignore */ pathToFileURL(path).href)).resolves.toBeDefined();
  });
}

function testShell(block: Block, folder: string): void {
  it.skipIf(block.nocheck !== undefined)(`runs the commands of line ${block.line}`, async () => {
    for (const file of block.files) await writeGiven(file, folder);
    for (const words of commandsOf(block.code)) {
      const fault = await faultOf(words, folder, block.norun === undefined);
      expect.soft(fault, words.join(" ")).toBeUndefined();
    }
  });
}

/** Files that a block writes go into its page's folder. */
function enter(folder: string): void {
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => {
    process.chdir(before);
  });
}
