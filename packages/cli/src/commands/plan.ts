/**
 * `amortis plan`: what a training will cost, before it is paid for.
 */
import { planTraining, type TrainingPlan } from "amortis";
import { methodOf } from "amortis/extend";
import type { Command } from "commander";
import { readConfig } from "../config.js";
import { UsageError } from "../failures.js";
import { bytes, count, duration, plural, table } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { findModel, findTransforms, MODEL_HELP } from "../models.js";
import { MOST_THREADS, positive, print, printAside, printJson, wholeFrom } from "../options.js";

const DETAILS = `
Simulates a little, trains three times for a short while, and says how many simulations bring the expected log density of the parameters within a target of its limit, how long
simulating and training take with them and how much memory, and, of models with a likelihood, from how many data sets on that is less than a posterior by the likelihood for each.

Examples:
  amortis plan line.ts --target 0.02
  amortis plan gaussian-field --pilot 4000 --json`;

interface Options {
  readonly target: number;
  readonly pilot: number;
  readonly config?: string;
  readonly seed?: number;
  readonly workers?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** What the subcommand takes and does. */
export function addPlan(command: Command): void {
  command
    .description("Say what a training will cost, for a wanted accuracy.")
    .argument("<MODEL>", MODEL_HELP)
    .option(
      "--target <NATS>",
      "distance of the expected log density from its limit",
      positive,
      0.05,
    )
    .option("--pilot <N>", "simulations of the largest short training", wholeFrom(200), 2000)
    .option("--config <FILE>", "JSON file with networks and training settings, as of `train`")
    .option("--seed <S>", "seed of all randomness", wholeFrom(0))
    .option("--workers <W>", "threads that simulate", wholeFrom(0, MOST_THREADS))
    .option("--json", "print one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(run);
}

async function run(source: string, options: Options): Promise<void> {
  const { target, pilot, config, seed, workers, json, quiet } = options;
  const model = await findModel(source);
  const read = await readConfig(config, {});
  const { onTheFly, simulations, validation, ...training } = read.training;
  if (onTheFly !== undefined || simulations !== undefined || validation !== undefined) {
    throw new UsageError(
      "plan says how many simulations there should be: leave simulations, validation and onTheFly out of the configuration's training",
    );
  }
  const transform = await findTransforms(read.transform);
  const method = await methodOf(read, model, { transform });
  if (!learnsPosteriors(method)) {
    throw new UsageError(
      `plan is of methods that learn posteriors, such as npe, but the method is ${read.method}`,
    );
  }
  const interruption = listenForInterrupt(() => {});
  try {
    const plan = await planTraining(method, {
      target,
      pilot,
      training,
      ...(seed !== undefined && { seed }),
      ...(workers !== undefined && { workers }),
      signal: interruption.signal,
      onProgress: (words) => {
        if (quiet !== true) printAside(words);
      },
    });
    if (json === true) printJson(plan);
    else print(describe(plan));
  } finally {
    interruption.close();
  }
}

type AnyMethod = Awaited<ReturnType<typeof methodOf>>;
type Planned = Parameters<typeof planTraining>[0];

function learnsPosteriors(method: AnyMethod): method is AnyMethod & Planned {
  return method.answers.kind === "posterior";
}

function describe(plan: TrainingPlan): string {
  const { simulations, beyond, target, gap, pilots, likelihood } = plan;
  const { simulatingSeconds, trainingSeconds, answerSeconds } = plan;
  const last = pilots.at(-1)?.simulations ?? 0;
  const enough = simulations <= last;
  const each = (seconds: number): string =>
    seconds < 0.1 ? `${Number((1000 * seconds).toPrecision(2))} ms` : duration(seconds);
  return [
    enough
      ? `${plural(last, "simulation")} are enough: about ${gap.toPrecision(2)} nats from the limit, where ${target} are allowed`
      : `${beyond ? "more than " : ""}${plural(simulations, "simulation")} for ${target} nats from the limit; ${count(last)} come within about ${gap.toPrecision(2)}${beyond ? "; a larger --pilot would know better" : ""}`,
    `simulating ${duration(simulatingSeconds)}, training ${duration(trainingSeconds)}, about ${bytes(plan.bytes)} of memory`,
    likelihood === undefined
      ? `an answer takes ${each(answerSeconds)}; the model has no likelihood, so that there is no other posterior to compare with`
      : `an answer takes ${each(answerSeconds)}, a posterior by the likelihood ${each(likelihood.secondsEach)}: amortization takes less from ${plural(likelihood.dataSets, "data set")} on`,
    "",
    table([
      ["simulations", "loss, nats", "training"],
      ...pilots.map(({ simulations: n, loss, seconds }) => [
        count(n),
        loss.toFixed(3),
        duration(seconds),
      ]),
    ]),
  ].join("\n");
}
