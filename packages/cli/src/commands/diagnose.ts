/**
 * `amortis diagnose`: whether an estimator's posteriors can be trusted where its model is right.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load, type AnyModel } from "amortis";
import { diagnose, type Diagnosis } from "amortis/diagnostics";
import { Option, type Command } from "commander";
import { UsageError } from "../failures.js";
import { findModel, MODEL_HELP } from "../models.js";
import { print, printJson, wholeFrom } from "../options.js";

const DETAILS = `
Simulates data sets that no training saw, answers them, and compares: ranks of the true values among the draws (simulation-based calibration), the
share of intervals that hold the truth, and how well the truth is recovered. The first line is the verdict.

Examples:
  amortis diagnose field.amortis --out report
  amortis diagnose line.amortis --model line.ts --n 2000 --json`;

interface Options {
  readonly model?: string;
  readonly simulations: number;
  readonly samples: number;
  readonly out?: string;
  readonly json?: true;
}

/** What the subcommand takes and does. */
export function addDiagnose(command: Command): void {
  command
    .description(
      "Say whether an estimator's posteriors can be trusted, by fresh simulations of its model.",
    )
    .argument("<FILE.amortis>", "estimator that `amortis train` wrote")
    .option(
      "--model <MODEL>",
      `the model it was trained for; needed unless it is a ready one: ${MODEL_HELP}`,
    )
    .addOption(
      new Option("--n, --simulations <N>", "fresh simulations")
        .argParser(wholeFrom(20))
        .default(1000),
    )
    .option("--samples <L>", "draws of each posterior", wholeFrom(20), 255)
    .option("--out <DIR>", "folder for diagnosis.svg and diagnosis.json")
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const { simulations, samples, out, json } = options;
  const estimator = await load(path);
  const model = await modelOf(estimator.details.model.name, options.model);
  const diagnosis = await diagnose(await load(path, { model }), model, {
    simulations,
    samples,
  });
  const document = documentOf(diagnosis);
  if (out !== undefined) {
    const { diagnosisFigure } = await import("amortis/figures");
    await mkdir(out, { recursive: true });
    await writeFile(join(out, "diagnosis.svg"), diagnosisFigure(diagnosis));
    await writeFile(join(out, "diagnosis.json"), JSON.stringify(document, undefined, 2));
  }
  if (json === true) printJson(document);
  else print(describe(diagnosis));
}

async function modelOf(name: string, given: string | undefined): Promise<AnyModel> {
  if (given !== undefined) return findModel(given);
  try {
    return await findModel(name);
  } catch (cause) {
    throw new UsageError(
      `diagnose simulates from the model "${name}", which is no ready one: say where it is, --model FILE.ts`,
      { cause },
    );
  }
}

/** What was found, without the numbers of each data set. */
function documentOf({ simulations, samples, parameters, calibrated, verdict }: Diagnosis) {
  const estimate = ({ value, standardError }: { value: number; standardError: number }) => ({
    value,
    standardError,
  });
  return {
    simulations,
    samples,
    calibrated,
    verdict,
    parameters: parameters.map(({ name, ranks, coverage, scores, contraction, recovery }) => ({
      name,
      ranks: { pValue: ranks.pValue },
      coverage: coverage.map(({ level, share }) => ({ level, ...estimate(share) })),
      rmse: estimate(scores.rmse),
      bias: estimate(scores.bias),
      crps: estimate(scores.crps),
      contraction: estimate(contraction),
      recovery: estimate(recovery),
    })),
  };
}

function describe({ parameters, verdict, simulations, samples }: Diagnosis): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const rows = parameters.map(({ name, ranks, coverage, scores, recovery, contraction }) =>
    [
      name,
      `ranks p = ${ranks.pValue.toPrecision(2)}`,
      `covers ${coverage.map(({ level, share }) => `${percent(share.value)}/${percent(level)}`).join(" ")} %`,
      `RMSE ${scores.rmse.value.toPrecision(3)}`,
      `bias ${scores.bias.value.toPrecision(2)} ± ${scores.bias.standardError.toPrecision(2)}`,
      `recovery ${recovery.value.toFixed(3)}`,
      `contraction ${contraction.value.toFixed(3)}`,
    ].join("  "),
  );
  return [...verdict, ...rows, `${simulations} fresh simulations, ${samples} draws of each`].join(
    "\n",
  );
}
