/**
 * Training to a given held-out score, beside sbi 0.27's default NPE, on the same simulations and in alternation:
 *
 *     npm run bench:training -- --python VENV/bin/python [--tasks two_moons,slcp] [--simulations 1000,10000] [--threads 1,2] [--work DIR]
 *
 * sbi is trained to its end, then ours; and ours again, stopped after 1/64 of the processor time that sbi took, after 1/32, and so on, until it answers 2,000 fresh
 * simulations at least as well as sbi did in the end (mean log posterior density at the true parameters). Each training has a process of its own; times are processor time of all
 * threads within training, compiling included; memory is the process's peak, Node's or Python's included. What is done is kept in `results.json`, beside this file, and not
 * done again; without --python what is kept is printed as a table. `load` is the machine's when sbi's training began: with others at work, processor time says more than
 * the clock does.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeNpy } from "amortis/files";
import type { SimulatedData } from "amortis";
import { freshData, TASKS, trainingData } from "./tasks.js";

const HERE = import.meta.dirname;
const RESULTS = join(HERE, "results.json");

/** Shares of sbi's processor time after which ours is stopped: one in so many. */
const PARTS = [64, 32, 16, 8, 4, 2, 1];

/** One training. */
interface Run {
  /** Seconds of processor time, and by the clock. */
  readonly cpu: number;
  readonly wall: number;
  /** Peak memory, MB. */
  readonly rss: number;
  /** Mean log posterior density of fresh simulations. */
  readonly score: number;
  readonly standardError: number;
}

/** A task, a budget and a number of threads. */
interface Case {
  readonly task: string;
  readonly simulations: number;
  readonly threads: number;
}

/** A training that is done; `of` is "sbi", "ours", or "ours 1/8", stopped after that share of sbi's processor time. */
interface Kept extends Case, Run {
  readonly of: string;
  /** Of the machine, when it began. */
  readonly load: number;
}

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    tasks: { type: "string", default: TASKS.join() },
    simulations: { type: "string", default: "1000" },
    threads: { type: "string", default: "1,2" },
    work: { type: "string" },
  },
});

/** What a program prints last, as JSON; sbi ends a line of its own before it or not. */
function run(program: string, args: readonly string[], threads: number): Run {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    cwd: work,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: status ${status}\n${stderr}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a line of our own
  return JSON.parse(stdout.slice(stdout.lastIndexOf("{"))) as Run;
}

/** Each runs in the folder of work, where sbi leaves logs. */
const ours = ({ task, simulations, threads }: Case, ...more: readonly string[]): Run =>
  run(
    process.execPath,
    [
      "--import",
      import.meta.resolve("tsx"),
      join(HERE, "ours.ts"),
      task,
      String(simulations),
      String(threads),
      ...more,
    ],
    threads,
  );

const work = values.work === undefined ? mkdtempSync(join(tmpdir(), "training-")) : values.work;
mkdirSync(work, { recursive: true });

/** Writes simulations as two arrays [n, numbers]. */
async function write(folder: string, suffix: string, data: SimulatedData): Promise<void> {
  const { size, parameters } = data;
  const [x] = Object.values(data.data);
  if (x === undefined) throw new Error("a model has one array of data");
  const wide = (values: ArrayLike<number>) => ({
    shape: [size, values.length / size],
    data: Float32Array.from(values),
  });
  await writeNpy(join(folder, `theta${suffix}.npy`), wide(parameters));
  await writeNpy(join(folder, `x${suffix}.npy`), wide(x));
}

/** Trainings that are done. */
function kept(): readonly Kept[] {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of our own
    return JSON.parse(readFileSync(RESULTS, "utf8")) as readonly Kept[];
  } catch {
    return [];
  }
}

const sameCase = (a: Case, b: Case): boolean =>
  a.task === b.task && a.simulations === b.simulations && a.threads === b.threads;

/** A training that was done before, or is now. */
function once(one: Case, of: string, make: () => Run): Run {
  const before = kept().find((other) => other.of === of && sameCase(other, one));
  if (before !== undefined) return before;
  console.error(`${one.task} ${one.simulations} ${one.threads} threads: ${of}`);
  const [load = 0] = loadavg();
  const made = make();
  const lines = [...kept(), { ...one, of, load, ...made }].map((row) => JSON.stringify(row));
  writeFileSync(RESULTS, `[\n${lines.join(",\n")}\n]\n`);
  return made;
}

async function measure(one: Case, python: string): Promise<void> {
  const { task, simulations, threads } = one;
  const folder = resolve(work, `${task}-${simulations}`);
  mkdirSync(folder, { recursive: true });
  await write(folder, "", await trainingData(task, simulations));
  await write(folder, "_fresh", await freshData(task));
  const script = resolve(HERE, "../peers/sbi_training.py");
  const sbi = once(one, "sbi", () => run(python, [script, task, String(threads), folder], threads));
  once(one, "ours", () => ours(one));
  for (const parts of PARTS) {
    const part = once(one, `ours 1/${parts}`, () => ours(one, String(sbi.cpu / parts)));
    if (part.score >= sbi.score) break;
  }
}

if (values.python !== undefined) {
  for (const simulations of values.simulations.split(",").map(Number)) {
    for (const task of values.tasks.split(",")) {
      for (const threads of values.threads.split(",").map(Number)) {
        await measure({ task, simulations, threads }, resolve(values.python));
      }
    }
  }
}

const seconds = (x: number): string => x.toFixed(1);
console.log(
  "| task | simulations | threads | sbi: score | s | MB | ours: sbi's score after s | times sooner | in the end: score | s | MB | load |",
);
console.log(`|${"---|".repeat(12)}`);
for (const sbi of kept().filter(({ of }) => of === "sbi")) {
  const ofCase = kept().filter((row) => sameCase(row, sbi));
  const whole = ofCase.find(({ of }) => of === "ours");
  if (whole === undefined) continue;
  const reached = ofCase.find(
    ({ of, score }) => of.startsWith("ours") && of !== "ours" && score >= sbi.score,
  );
  const { task, simulations, threads, load } = sbi;
  const cells = [
    task,
    simulations,
    threads,
    `${sbi.score.toFixed(2)} ± ${sbi.standardError.toFixed(2)}`,
    seconds(sbi.cpu),
    sbi.rss.toFixed(0),
    reached === undefined ? "not reached" : `${seconds(reached.cpu)} (${reached.score.toFixed(2)})`,
    reached === undefined ? "" : (sbi.cpu / reached.cpu).toFixed(1),
    `${whole.score.toFixed(2)} ± ${whole.standardError.toFixed(2)}`,
    seconds(whole.cpu),
    whole.rss.toFixed(0),
    load.toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
process.exit(0);
