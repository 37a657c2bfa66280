/**
 * `amortis benchmark`: a method on the field's standard tasks.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type * as Benchmark from "@amortis/benchmark";
import type {
  BenchmarkOptions,
  BenchmarkProgress,
  ClassifierName,
  TaskResult,
} from "@amortis/benchmark";
import { Option, type Command } from "commander";
import {
  methodNames,
  methodOf,
  type Configuration,
  ProgressLine,
  trainingLine,
} from "amortis/extend";
import { readConfig } from "../config.js";
import { InterruptedError, UsageError } from "../failures.js";
import { table } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { findTransforms } from "../models.js";
import { locatePackage } from "../optional.js";
import { MOST_THREADS, print, printJson, wholeFrom } from "../options.js";

interface BenchmarkArguments {
  readonly task: string;
  readonly method: string;
  readonly simulations: number;
  readonly seed: number;
  readonly observations?: string;
  readonly reference?: string;
  readonly classifiers: readonly string[];
  readonly samples?: string;
  readonly samplesOut?: string;
  readonly config?: string;
  readonly out?: string;
  readonly jobs?: number;
  readonly threads?: number;
  readonly json?: true;
  readonly quiet?: true;
}

const DETAILS = `
It is in a package of its own: npm i @amortis/benchmark.

The ten tasks of "Benchmarking Simulation-Based Inference" (arXiv 2101.04653), by their own names: gaussian_linear, two_moons, slcp ... For each
task it trains on N simulations, draws 10,000 values of each posterior, and scores them against as many of the exact posterior: C2ST by the
perceptron of sbibm (mlp) or the random forest of the toolbox sbi (forest), whose scores are not to be compared with each other; MMD, sliced
Wasserstein distance, errors of means and standard deviations. Without observations there is the expected log density of true parameters, which
needs no reference.

  --observations DIR   DIR/<task>/observation_<k>.json: { "observation": [...] }, however many there are
  --reference DIR      DIR/<task>/reference_<k>.f32: float32 [n, parameters], little-endian
  --samples DIR        DIR/<task>_<k>.npy: scores samples of another program in the place of training; --method is then any name

--out keeps estimators, samples and results, and goes on where it stopped; its report.html and scores-*.svg show all that the directory holds:
score against budget, a panel a task, beside published methods.

Examples:
  amortis benchmark sbibm --task two_moons --method npe --simulations 10000 --observations obs --reference ref --out bench
  amortis benchmark sbibm --task all --method npe --simulations 1000 --seed 2 --json
  amortis benchmark sbibm --task slcp --samples sbi-samples --method sbi-npe --simulations 10000 --observations obs --reference ref`;

/** What the subcommand takes and does. */
export function addBenchmark(command: Command): void {
  command
    .description("Benchmark a method: train, answer and score on standard tasks.")
    .addArgument(command.createArgument("<WHAT>", "what to run").choices(["sbibm"]))
    .requiredOption("--task <T>", "a task, several with commas between, or all")
    .option("--method <M>", `what is trained: ${methodNames.join(", ")}`, "npe")
    .requiredOption("--simulations <N>", "number of simulations to train on", wholeFrom(2))
    .option("--seed <S>", "seed of all randomness", wholeFrom(0), 1)
    .option("--observations <DIR>", "observations to answer")
    .option("--reference <DIR>", "samples of their exact posteriors")
    .addOption(
      new Option("--classifiers <NAMES>", "classifiers of C2ST: mlp, forest, or both with a comma")
        .argParser((text) => text.split(","))
        .default(["mlp"], "mlp"),
    )
    .option("--samples <DIR>", "samples of another program, to be scored")
    .option("--samples-out <DIR>", "also write samples there, <task>_<k>.npy, float32 [10000, d]")
    .option("--config <FILE>", "JSON file with networks and training settings, as of train")
    .option("--out <DIR>", "directory to keep everything in, or to go on in")
    .option(
      "--jobs <J>",
      "observations scored at once (default: one a processor)",
      wholeFrom(1, MOST_THREADS),
    )
    .option("--threads <T>", "threads the networks run on", wholeFrom(1, MOST_THREADS))
    .option("--json", "print all numbers as one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(runCommand);
}

async function runCommand(_what: string, options: BenchmarkArguments): Promise<void> {
  const benchmark = await importBenchmark();
  const known = methodNames.includes(options.method);
  const config = await readConfig(options.config, known ? { method: options.method } : {});
  const plan = planOf(benchmark, options, config);
  const kept = options.out;
  const directory = kept ?? (await mkdtemp(join(tmpdir(), "amortis-benchmark-")));
  const progress = new ProgressLine(process.stderr, options.quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  try {
    const results = await benchmark.runBenchmark({
      ...plan,
      directory,
      signal: interruption.signal,
      onProgress: (report) => {
        progress.show(progressLine(report));
      },
      onTask: (result) => {
        progress.finish();
        if (options.quiet !== true) progress.note(taskLine(result));
      },
    });
    progress.finish();
    if (kept !== undefined) await benchmark.writeReport(await benchmark.readResults(kept), kept);
    if (options.json === true) printJson({ results });
    else {
      print(table(benchmark.benchmarkTable(results), 2));
      if (kept !== undefined) print(`${kept}: report.html, with all results of the directory`);
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const goOn =
      kept === undefined
        ? "without --out nothing is kept"
        : `what ${kept} holds is kept, and the same command goes on from there`;
    throw new InterruptedError(`interrupted; ${goOn}`, { cause: error });
  } finally {
    progress.finish();
    interruption.close();
    if (kept === undefined) await rm(directory, { recursive: true, force: true });
  }
}

/** @throws UsageError where the package is not installed. */
async function importBenchmark(): Promise<typeof Benchmark> {
  const benchmark: typeof Benchmark = await import(
    locatePackage("@amortis/benchmark", "the benchmark")
  );
  return benchmark;
}

/** @throws UsageError where options do not fit together, or name what is not known. */
function planOf(
  { TASKS, CLASSIFIERS }: Pick<typeof Benchmark, "TASKS" | "CLASSIFIERS">,
  options: BenchmarkArguments,
  config: Configuration,
): Omit<BenchmarkOptions, "directory"> {
  const { method, simulations, seed, observations, reference, samples, samplesOut } = options;
  const { jobs = availableParallelism(), threads } = options;
  if ((observations === undefined) !== (reference === undefined)) {
    throw new UsageError("--observations and --reference go together: give both, or neither");
  }
  if (observations === undefined && (samples ?? samplesOut) !== undefined) {
    throw new UsageError("samples are of observations: give --observations and --reference too");
  }
  const unread = (["config", "threads", "samplesOut"] as const).find(
    (name) => options[name] !== undefined,
  );
  if (samples !== undefined && unread !== undefined) {
    const flag = unread === "samplesOut" ? "samples-out" : unread;
    throw new UsageError(
      `--samples scores what another program drew, so that nothing would read --${flag}: leave one of them out`,
    );
  }
  if (!methodNames.includes(method) && samples === undefined) {
    throw new UsageError(
      `there is no method "${method}": choose ${methodNames.join(", ")}; other names are for --samples`,
    );
  }
  return {
    tasks: options.task === "all" ? TASKS : options.task.split(",").map(among(TASKS, "task")),
    method,
    simulations,
    seed,
    jobs,
    classifiers: options.classifiers.map(among<ClassifierName>(CLASSIFIERS, "classifier")),
    ...(observations !== undefined &&
      reference !== undefined && { folders: { observations, reference } }),
    makeMethod: (model) => makeFor(model, config),
    training: { ...config.training, ...(threads !== undefined && { threads }) },
    ...(samples !== undefined && { samplesFrom: samples }),
    ...(samplesOut !== undefined && { samplesOut }),
  };
}

async function makeFor(
  model: Parameters<BenchmarkOptions["makeMethod"]>[0],
  config: Configuration,
): ReturnType<BenchmarkOptions["makeMethod"]> {
  return methodOf(config, model, { transform: await findTransforms(config.transform) });
}

/** Finds a name among those that are known. */
function among<T extends string>(known: readonly T[], what: string): (name: string) => T {
  return (name) => {
    const found = known.find((one) => one === name);
    if (found !== undefined) return found;
    throw new UsageError(`there is no ${what} "${name}": choose among ${known.join(", ")}`);
  };
}

/** One line: which task, and what is being done for it. */
export function progressLine({ task, number, of, detail }: BenchmarkProgress): string {
  const parts = [`task ${number} of ${of}  ${task}`];
  if (detail.kind === "training") parts.push(trainingLine(detail.report));
  else if (detail.kind === "drawing") {
    parts.push(`drawing  posterior ${detail.done + 1} of ${detail.total}`);
  } else {
    const { fraction, observations } = detail;
    parts.push(`scoring  ${Math.round(100 * fraction)} % of ${observations} observations`);
  }
  return parts.join(": ");
}

/** What was found for a task, in one line. */
function taskLine({ task, scores, trained }: TaskResult): string {
  const density = trained?.expectedLogDensity;
  const parts = (["mlp", "forest"] as const).flatMap((name) => {
    const values = scores.flatMap(({ c2st }) => c2st[name] ?? []);
    if (values.length === 0) return [];
    return [`C2ST (${name}) ${(values.reduce((a, b) => a + b) / values.length).toFixed(3)}`];
  });
  if (density !== undefined) parts.push(`log density ${density.value.toFixed(3)}`);
  return `${task}: ${parts.join("  ")}`;
}
