/**
 * The normal hierarchy to a held-out score, beside BayesFlow 2.1, one training after the other, each in a process of its own:
 *
 *     npm run experiment:hierarchies-peer -- --python VENV/bin/python
 *
 * Ours is trained as in `hierarchies.ts`. BayesFlow is trained until it answers as well: the mean log-density of all parameters of fresh hierarchies, globals and locals, given their data. Seconds are of the
 * processor, of all threads, simulation and compiling included and judging left out; memory is the process's peak, Node's or Python's included.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deepSet, hierarchical, mlp, splineCoupling, stream, train } from "amortis/extend";
import { drawHierarchy, ELEMENTS, GROUPS, normalHierarchy, type Truth } from "./normal.js";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    simulations: { type: "string", default: "10000" },
    epochs: { type: "string", default: "15" },
    /** Of BayesFlow: epochs, and seconds of the processor, at most. */
    "peer-epochs": { type: "string", default: "40" },
    most: { type: "string", default: "600" },
    sets: { type: "string", default: "200" },
    /** Trains ours on the hierarchies of this file. */
    ours: { type: "string" },
  },
});

const HERE = import.meta.dirname;
const SEPARATE = join(HERE, "../peers/hierarchy_bayesflow.py");

/** A training. */
interface Run {
  readonly score: number;
  /** Seconds of the processor until the score was reached; null where it was not. */
  readonly reached: number | null;
  readonly cpu: number;
  readonly megabytes: number;
}

/** Fresh hierarchies of 2 to 32 groups of 1 to 8 elements. */
function fresh(sets: number): readonly Truth[] {
  return Array.from({ length: sets }, (_, i) => {
    const random = stream("beside BayesFlow").split(i);
    const size = (most: number, least: number): number =>
      least + Math.floor((most - least + 1) * random.uniform());
    return drawHierarchy(size(GROUPS, 2), size(ELEMENTS, 1), random);
  });
}

const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;

async function ours(path: string): Promise<Run> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of our own
  const tests = JSON.parse(readFileSync(path, "utf8")) as readonly Truth[];
  const hidden = { hidden: [32], activation: "silu" } as const;
  const summary = deepSet({ phi: mlp(hidden), features: 32, rho: mlp(hidden), outputs: 16 });
  const density = splineCoupling({ hidden: [64, 64], activation: "silu" });
  const estimator = await train(hierarchical(normalHierarchy(), { summary, density }), {
    simulations: Number(values.simulations),
    epochs: Number(values.epochs),
    seed: 1,
    progress: false,
  });
  const cpu = seconds(process.cpuUsage());
  const megabytes = process.resourceUsage().maxRSS / 1024;
  let total = 0;
  for (const { mu, tau, theta, y } of tests) {
    const posterior = await estimator.given({ y }, { samples: 1 });
    const [log] = await posterior.all.logDensities(Float64Array.of(mu, tau, ...theta));
    total += log ?? Number.NaN;
  }
  await estimator.release();
  return { score: total / tests.length, reached: cpu, cpu, megabytes };
}

/** What a program prints last, as JSON. */
function run(program: string, args: readonly string[]): Run {
  const { status, stdout } = spawnSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: status ${status}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a line of our own
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"score"'))) as Run;
}

function row(name: string, { score, reached, cpu, megabytes }: Run): void {
  const time = reached === null ? `not reached after ${cpu.toFixed(0)}` : reached.toFixed(0);
  console.log(`| ${name} | ${score.toFixed(3)} | ${time} | ${megabytes.toFixed(0)} |`);
}

function main(): void {
  const file = join(mkdtempSync(join(tmpdir(), "hierarchies-")), "fresh.json");
  writeFileSync(file, JSON.stringify(fresh(Number(values.sets))));
  const { simulations, epochs } = values;
  const args = ["--ours", file, "--simulations", simulations, "--epochs", epochs];
  const script = join(HERE, "beside-bayesflow.ts");
  const mine = run(process.execPath, ["--import", import.meta.resolve("tsx"), script, ...args]);
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  console.log("| | score | seconds of the processor until it | peak memory, MB |");
  console.log("|---|---|---|---|");
  row("hierarchical", mine);
  if (values.python === undefined) return;
  const limits = [simulations, values["peer-epochs"], values.most];
  row("BayesFlow", run(values.python, [SEPARATE, file, String(mine.score), ...limits]));
}

if (values.ours === undefined) main();
else console.log(JSON.stringify(await ours(values.ours)));
