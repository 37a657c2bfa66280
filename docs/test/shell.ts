/**
 * Lines of shell blocks: which are run, and what is checked of those that are not.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { call } from "../../packages/cli/test/command.js";
import { ROOT } from "./blocks.js";

const BIN = join(ROOT, "packages", "amortis", "bin", "amortis.js");

/** Subcommands that end by themselves, soon. */
const RUN = new Set([
  "init",
  "check",
  "simulate",
  "train",
  "infer",
  "inspect",
  "export",
  "diagnose",
]);

/** A word that stands for something of the reader's: MODEL, DIR, FILE.amortis, I/N, an address. */
const PLACEHOLDER = /^(?:[A-Z]+(?:[./:#][A-Za-z]*)*|.*:\/\/.*|\.\.\.|…)$/;

/** Words of a command, without comments. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s"'#]|"[^"]*"|'[^']*'|(?<=\S)#)+|#.*/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith("#"));
  return (comment === -1 ? words : words.slice(0, comment)).map((word) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
}

/** Commands of a block, one a line; a backslash continues it. */
export function commandsOf(code: string): readonly (readonly string[])[] {
  return code
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => {
      const words = wordsOf(line);
      const parts: string[][] = [[]];
      for (const word of words) {
        if (word === "&&") parts.push([]);
        else parts.at(-1)?.push(word);
      }
      return parts.map(withoutVariables).filter(({ length }) => length > 0);
    });
}

/** A command without the variables of its environment, NAME=VALUE before it. */
function withoutVariables(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

/** What came of a command. */
interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject).on("close", (code) => {
      resolve({ code, output });
    });
  });
}

const helps = new Map<string, Promise<string>>();

/** Text of `amortis SUBCOMMAND --help`. */
function helpOf(subcommand: string): Promise<string> {
  const known =
    helps.get(subcommand) ??
    call(subcommand, "--help").then(({ stdout, stderr }) => stdout + stderr);
  helps.set(subcommand, known);
  return known;
}

/** With little training. */
function small(words: readonly string[]): readonly string[] {
  const [subcommand] = words;
  const fewer = words.map((word, i) =>
    ["--simulations", "--n"].includes(words[i - 1] ?? "")
      ? String(Math.min(Number(word), 100))
      : word,
  );
  if (subcommand === "train") {
    const method = words[words.indexOf("--method") + 1];
    const isNpe = !words.includes("--method") || method === "npe";
    return [
      ...fewer,
      "--epochs",
      "1",
      "-q",
      ...(words.includes("--data") || words.includes("--simulations")
        ? []
        : ["--simulations", "100"]),
      ...(isNpe ? ["--members", "1"] : []),
    ];
  }
  if (subcommand === "diagnose" && !words.includes("--n")) return [...fewer, "--n", "60"];
  return fewer;
}

/** What is wrong with a command, where anything is. */
export async function faultOf(
  words: readonly string[],
  folder: string,
  runs: boolean,
): Promise<string | undefined> {
  const [first = "", ...rest] = words[0] === "npx" ? words.slice(1) : words;
  if (first === "amortis") return faultOfAmortis(rest, folder, runs);
  if (first === "tsx") {
    const path = rest.find((word) => word.endsWith(".ts")) ?? "";
    return existsSync(join(ROOT, path)) ? undefined : `there is no ${path}`;
  }
  if (first === "npm") return faultOfNpm(rest);
  if (["bash", "python", "python3"].includes(first)) {
    const path = rest.find((word) => /\.(?:py|sh)$|run$/.test(word)) ?? "";
    return existsSync(join(ROOT, path)) || existsSync(join(folder, path))
      ? undefined
      : `there is no ${path}`;
  }
  return `the tests know no command ${first}: mark the block norun="..."`;
}

function faultOfNpm([verb = "", name = "", ...rest]: readonly string[]): string | undefined {
  if (["i", "install", "ci", "test"].includes(verb)) return undefined;
  const at = rest.indexOf("-w");
  const folder =
    at === -1
      ? ""
      : { "@amortis/studio": "packages/studio", "@amortis/docs": "docs" }[rest[at + 1] ?? ""];
  if (verb !== "run" || folder === undefined) return `the tests know no npm ${verb}`;
  const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(ROOT, folder, "package.json"), "utf8"),
  );
  return name in scripts ? undefined : `there is no script ${name}`;
}

async function faultOfAmortis(
  words: readonly string[],
  folder: string,
  runs: boolean,
): Promise<string | undefined> {
  const [subcommand = ""] = words;
  if (subcommand.startsWith("-")) return undefined;
  const isRun =
    runs &&
    RUN.has(subcommand) &&
    !words.some((word) => PLACEHOLDER.test(word)) &&
    !words.includes("--queue");
  if (isRun || words.includes("--help")) {
    const { code, output } = await run(process.execPath, [BIN, ...small(words)], folder);
    return code === 0 ? undefined : `status ${code}: ${output}`;
  }
  const help = await helpOf(subcommand);
  if (!help.includes(`amortis ${subcommand}`)) return `there is no amortis ${subcommand}`;
  const unknown = words.find((word) => /^--[a-z]/.test(word) && !help.includes(word));
  return unknown === undefined ? undefined : `amortis ${subcommand} knows no ${unknown}`;
}
