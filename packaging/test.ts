/**
 * The packages as users have them: packed, installed in a project of its own outside the workspace, compiled against, run, and shown in
 * a browser. `npm run test:package`.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLERS, bundle, openWithoutBundler } from "./bundlers.js";
import { NPM_VERSIONS, npmOf, ownNpm, type Npm } from "./npm.js";
import { answeringBytes, openPages } from "./pages.js";
import { attempt, run } from "./run.js";
import { packAll } from "./tarballs.js";

const TSC = join(import.meta.dirname, "..", "node_modules", "typescript", "bin", "tsc");

/** Bytes of JavaScript, compressed, that a page loads to answer, at most. */
const MOST_OF_A_PAGE = 86_500;

/** What the program prints; `packaging/consumer/src/train.ts`. */
interface Answers {
  readonly method: string;
  readonly kind: string;
  readonly slope: number;
  readonly draws: readonly number[];
  readonly figure: boolean;
}

const folder = mkdtempSync(join(tmpdir(), "amortis-packages-"));
/** The project that everything is tried in. */
const project = join(folder, "consumer");
try {
  await testPackage();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
}

async function testPackage(): Promise<void> {
  const { tarballs, studio } = step("pack, and see what is in the tarballs", () => packAll(folder));
  const npm = ownNpm(folder);
  cpSync(join(import.meta.dirname, "consumer"), project, { recursive: true });
  install(npm, project, tarballs);
  step("compile, without the types of the DOM and of Node", () => {
    // A dependency's dependency brings them: users need not have them.
    rmSync(join(project, "node_modules", "@types"), { recursive: true, force: true });
    for (const config of [".", "tsconfig.bundler.json", "page"]) {
      run(process.execPath, [TSC, "-p", config], project);
    }
  });
  trainAndBeAdvised(npm, project);
  const answers = step("train and answer as an ES module", () => {
    const { stdout, stderr } = program("out/train.js");
    assert.equal(stderr, "");
    const printed: Answers = JSON.parse(stdout);
    assert.deepEqual([printed.method, printed.kind, printed.figure], ["npe", "posterior", true]);
    assert(Number.isFinite(printed.slope));
    return printed;
  });
  step("train and answer by require", () => {
    const { stdout, stderr } = program("out/require.cjs");
    assert.equal(stderr, "");
    const { mean }: { readonly mean: number } = JSON.parse(stdout);
    assert(mean > 0 && mean < 1);
  });
  step("use the command", testCommand);
  const own = Number.parseInt(npm.version, 10);
  for (const major of NPM_VERSIONS.filter((version) => version !== own)) {
    const other = step(`have npm ${major}`, () => npmOf(major, folder));
    const home = join(folder, `consumer-${major}`);
    mkdirSync(home);
    // Not that of the project, which npm has written to.
    cpSync(join(import.meta.dirname, "consumer", "package.json"), join(home, "package.json"));
    cpSync(join(project, "out"), join(home, "out"), { recursive: true });
    install(other, home, tarballs);
    trainAndBeAdvised(other, home);
  }
  const { draws }: { readonly draws: readonly number[] } = JSON.parse(
    step("train on the engine's own runtime", () => program("out/bits.js").stdout),
  );
  step("install webpack and esbuild", () => {
    npm.install(project, "--save-dev", "--ignore-scripts", ...BUNDLERS);
  });
  await testPages(answers.draws, draws);
  await testPlainPage(studio, answers.draws, draws);
}

function install(npm: Npm, home: string, tarballs: readonly string[]): void {
  step(`install with npm ${npm.version} where nothing but packages can be downloaded`, () => {
    npm.install(home, ...tarballs);
    sayInstalled(home);
  });
}

/** Without the native runtime, whose script found nothing to download. */
function trainAndBeAdvised(npm: Npm, home: string): void {
  step("train and answer without the native runtime, and be told how to get it", () => {
    const { stderr } = program("out/train.js", home);
    const advised = stderr.includes("npm i onnxruntime-node --ignore-scripts\n");
    assert.equal(advised, !hasNative(home), stderr);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  });
  step("follow the advice", () => {
    npm.install(home, "--ignore-scripts", "onnxruntime-node");
    assert(hasNative(home));
    assert.equal(program("out/train.js", home).stderr, "");
    sayInstalled(home);
  });
}

function testCommand(): void {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(join(project, "node_modules", "amortis", "package.json"), "utf8"),
  );
  assert.equal(command("--version").stdout, `${version}\n`);
  writeFileSync(join(project, "y.json"), "[0.1, 0.2, 0.2, 0.4, 0.4, 0.7, 0.6, 0.9]");
  command(
    "infer",
    "line.amortis",
    "y.json",
    "--samples",
    "200",
    "--seed",
    "7",
    "--out",
    "same.npy",
  );
  // After a header of 128 bytes, which says the shape.
  const numbers = (file: string): Buffer => readFileSync(join(project, file)).subarray(128);
  assert(numbers("same.npy").equals(numbers("draws.npy")), "the command draws other samples");
  const trained = ["--simulations", "100", "--workers", "0", "--quiet", "--out", "own.amortis"];
  command("train", "src/line.ts", "--method", "npe", ...trained);
  assert.match(command("inspect", "own.amortis").stdout, /slope/);
  testOptional();
}

/** What is not installed is told of in one line, with its name. */
function testOptional(): void {
  const asked: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "the ready model gaussian-field",
      "@amortis/gaussian-field",
      ["train", "gaussian-field", "--method", "npe", "--out", "f.amortis"],
    ],
    [
      "the ready model max-stable",
      "@amortis/max-stable",
      ["simulate", "max-stable", "--n", "1", "--out", "f"],
    ],
    [
      "the ready model sbibm",
      "@amortis/sbibm",
      ["infer", "line.amortis", "y.json", "--model", "sbibm#two_moons"],
    ],
    ["the review's comparison", "@amortis/review", ["reproduce", "review", "--out", "f"]],
    ["the server", "@amortis/server", ["serve", "line.amortis"]],
    [
      "s3://, a store of objects,",
      "@amortis/s3",
      ["train", "src/line.ts", "--data", "s3://bucket/line", "--out", "f.amortis"],
    ],
    ["the studio", "@amortis/studio", ["studio", "line.amortis", "--no-open"]],
    ["the queue", "@amortis/queue", ["worker", "--queue", "redis://localhost"]],
    [
      "the benchmark",
      "@amortis/benchmark",
      ["benchmark", "sbibm", "--task", "two_moons", "--method", "npe", "--simulations", "100"],
    ],
  ];
  for (const [what, name, args] of asked) {
    const { status, stdout, stderr } = attempt("npx", ["--no", "--", "amortis", ...args], project);
    assert.equal(stderr, `error: ${what} is in a package of its own: npm i ${name}\n`);
    assert.deepEqual([status, stdout], [2, ""]);
  }
}

/** The file that Node wrote answers the same in a page, in a worker of it, and in Node; what a page trains with workers that simulate has the bits of Node's. */
async function testPages(expected: readonly number[], ofTrained: readonly number[]): Promise<void> {
  const root = join(project, "page");
  mkdirSync(join(root, "public"));
  copyFileSync(join(project, "line.amortis"), join(root, "public", "line.amortis"));
  step("build the page by webpack and by esbuild", () => {
    bundle(project);
  });
  const start = performance.now();
  for (const { page, worker, trained } of await openPages(root)) {
    for (const draws of [page, worker.draws]) {
      assert.equal(draws.length, expected.length);
      // One seed, one answer, to the bit.
      assert.deepEqual(draws, expected);
    }
    assert(trained.figure && trained.mean > 0 && trained.mean < 1);
    assert.deepEqual(trained.draws, ofTrained);
  }
  say(
    "answer in a page and in a module worker, by Vite served and built, by webpack and by esbuild",
    start,
  );
  const [bytes, compressed] = await answeringBytes(root);
  console.log(
    `  a page that answers loads ${kilobytes(bytes)}, ${kilobytes(compressed)} compressed`,
  );
  assert(compressed < MOST_OF_A_PAGE);
}

/** So does a page of plain files, which imports the library as one file from another server. */
async function testPlainPage(
  studio: string,
  expected: readonly number[],
  ofTrained: readonly number[],
): Promise<void> {
  const start = performance.now();
  run("tar", ["-xzf", studio, "-C", folder], folder);
  const { page, trained } = await openWithoutBundler(project, join(folder, "package", "dist"));
  assert.deepEqual([page, trained.draws], [expected, ofTrained]);
  say("answer and train in a page of plain files, with the library from another server", start);
}

function program(file: string, home = project): ReturnType<typeof run> {
  return run(process.execPath, [file], home);
}

function command(...args: readonly string[]): ReturnType<typeof run> {
  return run("npx", ["--no", "--", "amortis", ...args], project);
}

/** Whether the native runtime is installed. */
function hasNative(home: string): boolean {
  return existsSync(join(home, "node_modules", "onnxruntime-node"));
}

function step<T>(what: string, work: () => T): T {
  const start = performance.now();
  const result = work();
  say(what, start);
  return result;
}

function say(what: string, start: number): void {
  console.log(`${((performance.now() - start) / 1_000).toFixed(1).padStart(5)} s  ${what}`);
}

/** How many packages are installed, and how large they are. */
function sayInstalled(home: string): void {
  const modules = join(home, "node_modules");
  const { packages }: { readonly packages: Readonly<Record<string, unknown>> } = JSON.parse(
    readFileSync(join(modules, ".package-lock.json"), "utf8"),
  );
  const bytes = readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  console.log(`  ${Object.keys(packages).length} packages, ${Math.round(bytes / 1e6)} MB`);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1e3).toLocaleString("en")} kB`;
}
