/**
 * Runs the cases of `../shared/cases`, small models and files that users' reports led to, and prints what the product answers beside what is right.
 *
 *     npm run experiment:cases                    all of them
 *     npm run experiment:cases -- 04 06           those whose names begin so
 *
 * Each case's README names its commands and what is right; they run in a copy of the folder within the checkout, so that `import "amortis"` is the one that was built.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..", "..");
const shared = join(root, "..", "shared", "cases");
const wanted = process.argv.slice(2);

/** Seconds that one command of a case may take. */
const LIMIT = 1800;

/** What is run and what is right, by a case's README; a lone file runs, and says itself in its first lines what is right. */
async function readCase(
  name: string,
): Promise<{ readonly commands: readonly string[]; readonly right: string }> {
  if (name.endsWith(".ts")) {
    const lines = (await readFile(join(shared, name), "utf8")).split("\n");
    const right = lines.filter((line) => line.startsWith("//")).map((line) => line.slice(3));
    return { commands: [`npx tsx ${name}`], right: right.join(" ") };
  }
  const text = await readFile(join(shared, name, "README.md"), "utf8");
  const after = (word: string): string =>
    new RegExp(`^${word}[^:]*: (.*)$`, "mu").exec(text)?.[1] ?? "";
  // "(npe)" after a command, and parts that are no command, are words for people.
  const parts = after("Run").split(/; |, then /u);
  const commands = parts.flatMap((part) => {
    const command = part.replace(/ \([^)]*\)$/u, "").trim();
    return /^(npx tsx|bash) /u.test(command) ? [command] : [];
  });
  return { commands, right: after("Right") };
}

/** Standard output and error of a command, without Node's own warnings. One that takes too long is ended with all that it has started. */
async function outputOf(command: string, folder: string): Promise<string> {
  // A group of its own: what a shell starts does not end with it.
  const child = spawn("bash", ["-c", `${command} 2>&1`], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, AMORTIS_BIN: join(root, "packages", "amortis", "bin", "amortis.js") },
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const endGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing of it is left.
    }
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup();
  }, 1000 * LIMIT);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, endGroup);
  await once(child, "close");
  clearTimeout(timer);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, endGroup);
  endGroup();
  return `${Buffer.concat(parts).toString("utf8")}${late ? `ended after ${LIMIT} s\n` : ""}`
    .split("\n")
    .filter((line) => !/^(npm warn|\(node:|\(Use `node)/u.test(line))
    .join("\n")
    .trimEnd();
}

const names = (await readdir(shared)).filter((name) => name !== "README.md").toSorted();
const chosen = names.filter(
  (name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
);
const folder = await mkdtemp(join(here, "run-"));
try {
  await cp(shared, folder, { recursive: true, mode: 0 });
  spawnSync("chmod", ["-R", "u+w", folder]);
  for (const name of chosen) {
    const { commands, right } = await readCase(name);
    console.log(`\n## ${name}\nright: ${right}`);
    for (const command of commands) console.log(`$ ${command}\n${await outputOf(command, folder)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
