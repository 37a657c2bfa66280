/**
 * The time and memory of a diagnosis of NPE by 1,000 data sets with 1,000 draws each, beside sbi's SBC, TARP and expected coverage of as many, in alternation:
 *
 *     npm run bench:diagnosis -- --python VENV/bin/python [--tasks gaussian_linear,slcp] [--sets 1000] [--draws 1000] [--threads 2] [--runs 3] [--work DIR]
 *
 * Both learn with their defaults from the same simulations, which is not in the times. Ours is the whole command, `amortis diagnose FILE --out DIR`: Node's start, simulating, answering, every
 * test, the report. Of sbi it is the calls alone, with everything imported and loaded; memory is the peak of the process on either side. Without --python ours stands alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { npe, train, type SimulatedData } from "amortis";
import { writeNpy } from "amortis/files";
import { freshData, modelOf, trainingData } from "../training/tasks.js";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    tasks: { type: "string", default: "gaussian_linear,slcp" },
    simulations: { type: "string", default: "2000" },
    sets: { type: "string", default: "1000" },
    draws: { type: "string", default: "1000" },
    threads: { type: "string", default: "2" },
    runs: { type: "string", default: "3" },
    /** Trained estimators are kept there. */
    work: { type: "string" },
  },
});
const { python, threads, sets, draws } = values;
const ROOT = resolve(import.meta.dirname, "../..");
const COMMAND = join(ROOT, "packages/amortis/bin/amortis.js");
const SBI = join(ROOT, "experiments/peers/sbi_diagnosis.py");
const work = values.work ?? mkdtempSync(join(tmpdir(), "diagnosis-"));

/** Prints what a process had at most, and its processor time, as it ends. */
const AT_END = `
import { readFileSync } from "node:fs";
process.on("exit", () => {
  const [, kilobytes] = /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  const { user, system } = process.cpuUsage();
  process.stderr.write(JSON.stringify({ rss: Number(kilobytes) / 1024, cpu: (user + system) / 1e6 }));
});`;

/** One diagnosis. */
interface Run {
  readonly wall: number;
  readonly cpu: number;
  /** MB. */
  readonly rss: number;
  /** Of sbi: seconds of each call. */
  readonly parts?: Readonly<Record<string, number>>;
}

function spawned(program: string, args: readonly string[]) {
  const env = { ...process.env, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env, cwd: work });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: status ${status}\n${stderr}`);
  return { stdout, stderr };
}

/** The last object that was printed. */
function printed(text: string): Omit<Run, "wall"> & { readonly wall?: number } {
  const from = text.lastIndexOf('{"');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a line of our own
  return JSON.parse(text.slice(from, text.lastIndexOf("}") + 1)) as Run;
}

/** The model of a task as the command takes it: sbibm#gaussianLinear of gaussian_linear. */
const exportOf = (task: string): string =>
  `sbibm#${task.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())}`;

function ours(task: string, folder: string): Run {
  const started = performance.now();
  const { stderr } = spawned(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(AT_END)}`,
    COMMAND,
    "diagnose",
    join(folder, "ours.amortis"),
    "--model",
    exportOf(task),
    "--n",
    sets,
    "--samples",
    draws,
    "--out",
    join(folder, "report"),
  ]);
  return { ...printed(stderr), wall: (performance.now() - started) / 1000 };
}

function theirs(task: string, folder: string, program: string): Run {
  const { stdout } = spawned(program, [SBI, "diagnose", task, folder, sets, draws, threads]);
  const {
    rss,
    cpu,
    parts,
    wall = Number.NaN,
  } = JSON.parse(stdout.slice(stdout.indexOf('{"wall"')));
  return { rss, cpu, parts, wall };
}

async function write(folder: string, suffix: string, { size, parameters, data }: SimulatedData) {
  const [x = new Float32Array(0)] = Object.values(data);
  for (const [name, column] of Object.entries({ theta: parameters, x })) {
    const array = { shape: [size, column.length / size], data: Float32Array.from(column) };
    await writeNpy(join(folder, `${name}${suffix}.npy`), array);
  }
}

/** Trains both, unless they are there. */
async function prepare(task: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "ours.amortis"))) {
    const simulations = Number(values.simulations);
    await write(folder, "", await trainingData(task, simulations));
    await write(folder, "_fresh", await freshData(task));
    const estimator = await train(npe(modelOf(task)), { simulations, seed: 1 });
    await estimator.save(join(folder, "ours.amortis"));
    await estimator.release();
  }
  if (python !== undefined && !existsSync(join(folder, "sbi.pkl"))) {
    spawned(python, [SBI, "train", task, folder]);
  }
}

const least = (runs: readonly Run[], key: "wall" | "cpu" | "rss"): number =>
  Math.min(...runs.map((run) => run[key]));

console.log("| task | of | seconds, least and most | processor seconds | peak, MB | load |");
console.log("|---|---|---|---|---|---|");
for (const task of values.tasks.split(",")) {
  const folder = join(work, task);
  await prepare(task, folder);
  const both: Record<"ours" | "sbi", Run[]> = { ours: [], sbi: [] };
  for (let run = 0; run < Number(values.runs); run++) {
    both.ours.push(ours(task, folder));
    if (python !== undefined) both.sbi.push(theirs(task, folder, python));
  }
  const [load = 0] = loadavg();
  for (const [who, runs] of Object.entries(both)) {
    if (runs.length === 0) continue;
    const most = Math.max(...runs.map(({ wall }) => wall));
    const cells = [
      `${least(runs, "wall").toFixed(1)} to ${most.toFixed(1)}`,
      least(runs, "cpu").toFixed(1),
    ];
    console.log(
      `| ${[task, who, ...cells, least(runs, "rss").toFixed(0), load.toFixed(1)].join(" | ")} |`,
    );
    for (const { parts } of runs.slice(0, 1)) {
      if (parts !== undefined)
        console.log(
          `    ${Object.entries(parts)
            .map(([part, seconds]) => `${part} ${seconds.toFixed(1)}`)
            .join(", ")}`,
        );
    }
  }
  if (python === undefined) continue;
  const times = both.ours.map(({ wall }, i) => (both.sbi[i]?.wall ?? Number.NaN) / wall);
  const memory = least(both.ours, "rss") / least(both.sbi, "rss");
  console.log(
    `    ${times.map((ratio) => ratio.toFixed(1)).join(", ")} times faster; ${memory.toFixed(2)} of the memory`,
  );
}
