/**
 * Blocks of Python and R: run where the language and what they import is installed, and at least read by it where they need something of the reader's.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSimulations } from "amortis";
import { describe, expect, it } from "vitest";
import { blocksOf, folderOf, pagesOf, type Block } from "./blocks.js";
import { line } from "./given/line.js";

/** How a language is read and run. */
interface Language {
  readonly command: string;
  readonly file: string;
  /** Arguments that read a file and run nothing. */
  readonly read: (file: string) => readonly string[];
  /** Arguments that succeed where what is imported is there. */
  readonly needs: (code: string) => readonly string[];
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  python: {
    command: process.env["AMORTIS_PYTHON"] ?? "python3",
    file: "block.py",
    read: (file) => ["-c", `import ast, sys; ast.parse(open(${JSON.stringify(file)}).read())`],
    needs: (code) => ["-c", (code.match(/^import .*$/gm) ?? []).join("\n")],
  },
  r: {
    command: "Rscript",
    file: "block.R",
    read: (file) => ["-e", `invisible(parse(${JSON.stringify(file)}))`],
    needs: (code) => ["-e", (code.match(/^library\(.*\)$/gm) ?? ["invisible()"]).join("; ")],
  },
};

const runs = (command: string, args: readonly string[], cwd?: string) =>
  spawnSync(command, args, { encoding: "utf8", ...(cwd !== undefined && { cwd }) });

const isThere = ({ command, needs }: Language, code: string): boolean =>
  runs(command, needs(code)).status === 0;

const pages = (["readmes", "docs", "guide", "methods", "migration"] as const).flatMap(pagesOf);
const blocks = pages.flatMap((page) =>
  blocksOf(page).filter(({ language, nocheck }) => language in LANGUAGES && nocheck === undefined),
);

describe("Python and R", () => {
  it.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
    "%s",
    (_, block: Block) => {
      const language = LANGUAGES[block.language];
      if (language === undefined || runs(language.command, ["--version"]).status !== 0) return;
      const folder = join(folderOf("run", block.page), block.language);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const file = join(folder, language.file);
      writeFileSync(file, block.code);
      const read = runs(language.command, language.read(file));
      expect(read.stderr).toBe("");
      if (block.norun !== undefined || !isThere(language, block.code)) return;
      const { status, stderr } = runs(language.command, [file], folder);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    },
  );

  it("writes a table in R that is read as simulations", async ({ skip }) => {
    if (runs("Rscript", ["--version"]).status !== 0) skip();
    const table = join(folderOf("run", "docs/guide/elsewhere.md"), "r", "sims.csv");
    const { parameters, data } = await readSimulations(line, table);
    expect(parameters.length).toBe(2 * 5_000);
    expect(data.y.length).toBe(20 * 5_000);
  });
});
