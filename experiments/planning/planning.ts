/**
 * What `amortis plan` predicts, beside what simulating and training then took, each training in a process of its own:
 *
 *     npm run experiment:planning -- [--models "normal mean,line"] [--most 10000]
 *
 * Seconds are by the clock, on a machine that does nothing else, and of processor time else: predictions are of the clock, so that their ratio is to be read beside the load.
 */
import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { planTraining, train } from "amortis";
import { peakMegabytes } from "../peak-memory.js";
import { PLANNED } from "./models.js";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: Object.keys(PLANNED).join() },
    /** Simulations above which a plan is not carried out. */
    most: { type: "string", default: "10000" },
    threads: { type: "string", default: "1" },
    /** Of the process that trains: how many simulations. */
    train: { type: "string" },
  },
});
const threads = Number(values.threads);

/** What a training took. */
interface Took {
  readonly simulating: number;
  readonly training: number;
  readonly megabytes: number;
}

/** Trains as the plan says. */
async function carryOut(name: string, simulations: number): Promise<Took> {
  const planned = PLANNED[name];
  if (planned === undefined) throw new Error(`there is no model "${name}"`);
  const started = performance.now();
  const estimator = await train(planned.method, { simulations, seed: 2, threads, workers: 0 });
  const all = (performance.now() - started) / 1000;
  const { seconds: training } = estimator.details.training;
  await estimator.release();
  return { simulating: all - training, training, megabytes: peakMegabytes() };
}

function inAnotherProcess(name: string, simulations: number): Took {
  const own = [...process.execArgv, import.meta.filename, "--models", name];
  const args = [...own, "--train", String(simulations), "--threads", values.threads];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`training ${name}: status ${status}\n${stderr}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a line of our own
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"simulating"'))) as Took;
}

async function check(name: string): Promise<void> {
  const planned = PLANNED[name];
  if (planned === undefined) throw new Error(`there is no model "${name}"`);
  const { method, target, pilot } = planned;
  const started = performance.now();
  const plan = await planTraining(method, { target, pilot, workers: 0, training: { threads } });
  const planning = (performance.now() - started) / 1000;
  const { simulations, trainingSeconds, bytes, pilots } = plan;
  for (const one of pilots) console.error(JSON.stringify(one));
  if (simulations > Number(values.most)) {
    console.log(`| ${name} | ${simulations} | more than are tried here |`);
    return;
  }
  const took = inAnotherProcess(name, simulations);
  const [load = 0] = loadavg();
  const ratio = (predicted: number, real: number): string => (predicted / real).toFixed(2);
  const cells = [
    name,
    simulations,
    planning.toFixed(0),
    trainingSeconds.toFixed(0),
    took.training.toFixed(0),
    ratio(trainingSeconds, took.training),
    (bytes / 1e6).toFixed(0),
    took.megabytes.toFixed(0),
    ratio(bytes / 1e6, took.megabytes),
    load.toFixed(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

if (values.train !== undefined) {
  console.log(JSON.stringify(await carryOut(values.models, Number(values.train))));
} else {
  const columns = [
    "model",
    "simulations",
    "planning, s",
    "training planned, s",
    "it took, s",
    "ratio",
    "memory planned, MB",
    "it had, MB",
    "ratio",
    "load",
  ];
  console.log(`| ${columns.join(" | ")} |\n|${columns.map(() => "---").join("|")}|`);
  for (const name of values.models.split(",")) await check(name);
}
