/**
 * Code blocks of Markdown pages.
 *
 * A fence's first word is its language. After it may come
 *
 *     file=line.ts         the block is this file, which others of the page import, or which commands are given
 *     continued            it goes on from the block of the same language before it
 *     norun="why"          it is checked and not run
 *     nocheck="why"        neither
 *
 * Comments of HTML before a block, which readers do not see, say what it is given:
 *
 *     <!-- given line, y from line -->    imports of `docs/test/given/line.ts`
 *     <!-- files line.ts data.csv -->     files of `docs/test/given/files.ts`
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A block. */
export interface Block {
  /** Path of the page, from the root of the repository. */
  readonly page: string;
  /** Of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly file?: string;
  readonly isContinued: boolean;
  readonly norun?: string;
  readonly nocheck?: string;
  /** Imports, "line, y" from "line". */
  readonly given: readonly { readonly names: string; readonly from: string }[];
  readonly files: readonly string[];
}

const FENCE = /^```(\S+)?(.*)$/;
const GIVEN = /^<!-- given (.+) from (\S+) -->$/;
const FILES = /^<!-- files (.+) -->$/;

/** Pages whose blocks are checked: all of the site but the reference, and the READMEs. */
export function pagesOf(folder: "readmes" | "docs" | "guide" | "methods" | "migration"): string[] {
  if (folder === "readmes") {
    return [
      "README.md",
      ...readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/README.md`),
    ];
  }
  const path = folder === "docs" ? "docs" : `docs/${folder}`;
  return readdirSync(join(ROOT, path))
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .map((name) => `${path}/${name}`);
}

/** Blocks of a page in their order. */
export function blocksOf(page: string): readonly Block[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const blocks: Block[] = [];
  let given: Block["given"][number][] = [];
  let files: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const imports = GIVEN.exec(line);
    if (imports !== null) given.push({ names: imports[1] ?? "", from: imports[2] ?? "" });
    const named = FILES.exec(line);
    if (named !== null) files.push(...(named[1] ?? "").split(" "));
    const fence = FENCE.exec(line);
    if (fence === null) continue;
    const end = lines.indexOf("```", i + 1);
    if (end === -1) throw new Error(`${page}:${i + 1}: a fence has no end`);
    const [, language = "", words = ""] = fence;
    const word = (name: string): string | undefined =>
      new RegExp(`${name}=(?:"([^"]*)"|(\\S+))`).exec(words)?.slice(1).find(Boolean);
    const [file, norun, nocheck] = [word("file"), word("norun"), word("nocheck")];
    blocks.push({
      page,
      line: i + 1,
      language,
      code: lines.slice(i + 1, end).join("\n"),
      ...(file !== undefined && { file }),
      ...(norun !== undefined && { norun }),
      ...(nocheck !== undefined && { nocheck }),
      isContinued: /\bcontinued\b/.test(words),
      given,
      files,
    });
    [given, files, i] = [[], [], end];
  }
  return blocks;
}

/** A TypeScript file made of blocks. */
export interface Program {
  /** The last of them. */
  readonly block: Block;
  /** Name of the file within the folder of its page. */
  readonly name: string;
  readonly text: string;
}

/** TypeScript of a page, as files: a block, or several of which one goes on from another. */
export function programsOf(page: string, folder: string): readonly Program[] {
  const programs: Program[] = [];
  const prelude = relative(folder, fileURLToPath(new URL("given", import.meta.url)));
  for (const block of blocksOf(page)) {
    if (block.language !== "ts" || block.nocheck !== undefined) continue;
    const imports = block.given
      .map(({ names, from }) => `import { ${names} } from "${prelude}/${from}.js";\n`)
      .join("");
    const before = block.isContinued ? programs.pop() : undefined;
    programs.push({
      block,
      name: block.file ?? `block-${before?.block.line ?? block.line}.ts`,
      text: `${imports}${before?.text ?? ""}${block.code}\nexport {};\n`,
    });
  }
  return programs;
}

/** Folder of a page's files, which packages are found from. */
export function folderOf(kind: "check" | "run", page: string): string {
  const name = page.replace(/\.md$/, "").replaceAll("/", "-");
  return join(ROOT, "docs", ".blocks", kind, name);
}
