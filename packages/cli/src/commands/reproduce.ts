/**
 * `amortis reproduce`: a published comparison, done again.
 */
import type * as Review from "@amortis/review";
import type { ReviewProgress, Scale } from "@amortis/review";
import { ProgressLine, simulationLine, trainingLine } from "amortis/extend";
import { InvalidArgumentError, type Command } from "commander";
import { InterruptedError } from "../failures.js";
import { count, duration, table } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { locatePackage } from "../optional.js";
import { print, printJson, wholeFrom } from "../options.js";

interface ReproduceArguments {
  readonly scale: Scale;
  readonly out: string;
  readonly seed: number;
  readonly json?: true;
  readonly quiet?: true;
}

const DETAILS = `
It is in a package of its own: npm i @amortis/review.

The three experiments of "Neural Methods for Amortized Inference" (arXiv 2404.12484): a Gaussian process by seven methods and more beside
the exact posterior, an inverted max-stable process, and what a ratio estimator learns; and what each costs. On two cores the scale quick
takes about 6 minutes, the scale paper up to 2 hours.

DIR gets results.json, report.html and figures, and keeps simulations, estimators and the results of each stage. Ctrl-C keeps what is
done; the same command goes on from there.

Examples:
  amortis reproduce review --out review
  amortis reproduce review --scale paper --out review-paper --seed 2 --json > review.json`;

/** How large the comparison may be; "test" is for our own tests, and not told of. */
const SCALES: readonly Scale[] = ["test", "quick", "paper"];

function readScale(text: string): Scale {
  const scale = SCALES.find((known) => known === text);
  if (scale === undefined) throw new InvalidArgumentError("It must be quick or paper.");
  return scale;
}

/** What the subcommand takes and does. */
export function addReproduce(command: Command): void {
  command
    .description("Reproduce a published comparison: simulate, train, answer, score and report.")
    .addArgument(command.createArgument("<WHAT>", "what to reproduce").choices(["review"]))
    .requiredOption("--out <DIR>", "directory to write, or to go on in")
    .option("--scale <SCALE>", "quick or paper", readScale, "quick")
    .option("--seed <S>", "seed of all randomness", wholeFrom(0), 1)
    .option("--json", "print all numbers as one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(runReproduce);
}

async function runReproduce(_what: string, options: ReproduceArguments): Promise<void> {
  const { scale, out, seed, json, quiet } = options;
  const { reproduceReview, resultTables } = await importReview();
  const progress = new ProgressLine(process.stderr, quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  let reached = "";
  try {
    const results = await reproduceReview({
      directory: out,
      scale,
      seed,
      signal: interruption.signal,
      onProgress: (report) => {
        reached = `stage ${report.stage} of ${report.stages}`;
        progress.show(progressLine(report));
      },
      onStage: (title, seconds, reused) => {
        progress.finish();
        if (quiet !== true) {
          progress.note(`${title}: ${reused ? "done before, in" : "done in"} ${duration(seconds)}`);
        }
      },
    });
    progress.finish();
    if (json === true) {
      printJson(results);
      return;
    }
    for (const { title, rows } of resultTables(results)) print(`${title}\n${table(rows)}\n`);
    print(`${out}: results.json and report.html, in ${duration(results.seconds)}`);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new InterruptedError(
      `interrupted${reached === "" ? "" : ` in ${reached}`}; what ${out} holds is kept, and the same command goes on from there`,
      { cause: error },
    );
  } finally {
    progress.finish();
    interruption.close();
  }
}

/** @throws UsageError where the package is not installed. */
async function importReview(): Promise<typeof Review> {
  const review: typeof Review = await import(
    locatePackage("@amortis/review", "the review's comparison")
  );
  return review;
}

/** One line: which stage, what it is doing, and how long all of them will take. */
export function progressLine({
  stage,
  stages,
  title,
  detail,
  secondsLeft,
}: ReviewProgress): string {
  const parts = [`stage ${stage} of ${stages}  ${duration(secondsLeft)} left  ${title}`];
  if (detail?.kind === "training") parts.push(trainingLine(detail.report));
  else if (detail?.kind === "simulating") parts.push(simulationLine(detail.progress));
  else if (detail !== undefined) {
    parts.push(`${detail.what}  ${count(detail.done)} of ${count(detail.total)}`);
  }
  return parts.join(": ");
}
