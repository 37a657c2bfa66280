/**
 * `amortis check`: what to know of a model before training.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkModel, type ModelCheck } from "amortis/diagnostics";
import { ProgressLine, simulationLine } from "amortis/extend";
import { Option, type Command } from "commander";
import { count, duration, plural } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { findModel, MODEL_HELP } from "../models.js";
import { positive, print, printJson, wholeFrom } from "../options.js";

const DETAILS = `
Simulates from the prior, and says which simulations are invalid and where in θ, which numbers of the data never vary or are always equal to others,
which parameters nothing depends on, how long a simulation takes, and whether the simulator depends on anything but θ and its stream. With --out there is a
picture of the data under the prior: what no one would expect to see says that the prior or the simulator is wrong.

Examples:
  amortis check line.ts --out report
  amortis check gaussian-field --json`;

interface Options {
  readonly simulations: number;
  readonly seconds: number;
  readonly seed?: number;
  readonly out?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** What the subcommand takes and does. */
export function addCheck(command: Command): void {
  command
    .description("Say what to know of a model before training.")
    .argument("<MODEL>", MODEL_HELP)
    .addOption(
      new Option("--n, --simulations <N>", "simulations at most")
        .argParser(wholeFrom(20))
        .default(1000),
    )
    .option("--seconds <S>", "time for simulating, about", positive, 30)
    .option("--seed <S>", "seed of the simulations", wholeFrom(0))
    .option("--out <DIR>", "folder for check.svg and check.json")
    .option("--json", "print one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(run);
}

async function run(source: string, options: Options): Promise<void> {
  const { simulations, seconds, seed, out, json, quiet } = options;
  const model = await findModel(source);
  const progress = new ProgressLine(process.stderr, quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  let check: ModelCheck;
  try {
    check = await checkModel(model, {
      simulations,
      seconds,
      ...(seed !== undefined && { seed }),
      signal: interruption.signal,
      onProgress: (report) => {
        progress.show(simulationLine(report));
      },
    });
  } finally {
    progress.finish();
    interruption.close();
  }
  const document = documentOf(check);
  if (out !== undefined) {
    const { modelCheckFigure } = await import("amortis/figures");
    await mkdir(out, { recursive: true });
    await writeFile(join(out, "check.svg"), modelCheckFigure(check));
    await writeFile(join(out, "check.json"), JSON.stringify(document, undefined, 2));
  }
  if (json === true) printJson(document);
  else print(describe(check));
}

/** What was found, without the simulations. */
function documentOf(check: ModelCheck) {
  const { model, parameterNames, specs, simulations, secondsEach } = check;
  const { invalid, constant, duplicates, rerun, unused, problems } = check;
  return {
    model,
    parameters: parameterNames,
    data: specs,
    simulations,
    secondsEach,
    problems,
    invalid,
    constant,
    duplicates,
    unused,
    rerun,
  };
}

function describe({
  model,
  simulations,
  secondsEach,
  invalid,
  rerun,
  problems,
}: ModelCheck): string {
  const each =
    secondsEach < 0.1 ? `${(1000 * secondsEach).toPrecision(2)} ms` : duration(secondsEach);
  const lines =
    problems.length === 0 ? ["no problem found"] : problems.map((problem) => `problem: ${problem}`);
  return [
    ...lines,
    `${model}: ${plural(simulations, "simulation")}, ${count(invalid.count)} of them invalid; ${rerun.tried} were made again; a simulation takes ${each}, and 20,000 take ${duration(20_000 * secondsEach)} on one thread`,
  ].join("\n");
}
