/**
 * `amortis diagnose`: whether answers can be trusted where the model is right.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load, readData, simulate, type AnyModel, type Derive, type Estimator } from "amortis";
import {
  derivedDraws,
  diagnose,
  diagnoseDraws,
  diagnosisDocument,
  diagnosisExample,
  scoredDrawsOf,
  type DrawsDiagnosis,
  type EstimatesDiagnosis,
} from "amortis/diagnostics";
import type { DiagnosisReportOptions } from "amortis/figures";
import { Option, type Command } from "commander";
import { UsageError } from "../failures.js";
import { count, short, table } from "../format.js";
import { DERIVED_HELP, findDerived, findModel, MODEL_HELP } from "../models.js";
import { print, printAside, printJson, wholeFrom } from "../options.js";

const DETAILS = `
Simulates data sets that no training saw, answers them, and tests whether the true parameters lie among the draws as they should: ranks (simulation-based
calibration), coverage, TARP, the data-averaged posterior, and whether the posteriors use all that the data tell. The first line is the verdict; right posteriors are
called wrong in at most 5 % of cases, by all tests together.

With --out, report.html (one page that stands alone, with pictures; the posterior of one data set and data that it makes among them), diagnosis.svg and diagnosis.json.

Estimators of points and quantiles are judged by their errors: whether means are right on average, everywhere, and whatever the data; and whether quantiles have as many
truths below them as they say.

FILE may also be draws of any program, .npz or .json, with the arrays "draws", [data sets, draws, parameters], and "truth", [data sets, parameters]. Markov chains are
[data sets, chains, draws, parameters]: those that do not agree are refused, the others thinned until draws are nearly independent.

Examples:
  amortis diagnose field.amortis --out report
  amortis diagnose line.amortis --model line.ts --n 2000 --json
  amortis diagnose line.amortis --model line.ts --derived line.ts#ratio
  amortis diagnose line.amortis --model line.ts --recalibrate better.amortis
  amortis diagnose draws.npz --names slope,noise`;

interface Options {
  readonly model?: string;
  readonly simulations?: number;
  readonly samples?: number;
  readonly names?: string;
  readonly derived?: string;
  readonly out?: string;
  readonly recalibrate?: string;
  readonly json?: true;
}

/** What the subcommand takes and does. */
export function addDiagnose(command: Command): void {
  command
    .description(
      "Say whether an estimator's answers can be trusted, by fresh simulations of its model.",
    )
    .argument("<FILE>", "estimator that `amortis train` wrote; or draws and truths, see below")
    .option(
      "--model <MODEL>",
      `the model it was trained for; needed unless it is a ready one: ${MODEL_HELP}`,
    )
    .addOption(
      new Option("--n, --simulations <N>", "fresh simulations; 1,000 by default").argParser(
        wholeFrom(20),
      ),
    )
    .option("--samples <L>", "draws of each posterior; 255 by default", wholeFrom(20))
    .option("--names <NAMES>", "of draws from a file: names of the parameters, with commas between")
    .option("--derived <PATH#NAME>", DERIVED_HELP)
    .option("--out <DIR>", "folder for report.html, diagnosis.svg and diagnosis.json")
    .option(
      "--recalibrate <FILE.amortis>",
      "also write the estimator with posteriors moved and widened as as many other fresh simulations ask for",
    )
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(run);
}

/** Fresh simulations by which an estimator is judged. */
const SIMULATIONS = 1000;

/** What was found, and what a report says beside it. */
interface Found {
  readonly diagnosis: DrawsDiagnosis | EstimatesDiagnosis;
  readonly about: DiagnosisReportOptions;
}

async function run(path: string, options: Options): Promise<void> {
  const { out, json } = options;
  const { diagnosis, about } = path.endsWith(".amortis")
    ? await ofEstimator(path, options)
    : await ofDraws(path, options);
  const document = diagnosisDocument(diagnosis);
  if (out !== undefined) {
    const { diagnosisFigure, diagnosisReport } = await import("amortis/figures");
    await mkdir(out, { recursive: true });
    await writeFile(join(out, "report.html"), diagnosisReport(diagnosis, about));
    await writeFile(join(out, "diagnosis.svg"), diagnosisFigure(diagnosis));
    await writeFile(join(out, "diagnosis.json"), JSON.stringify(document, undefined, 2));
  }
  if (json === true) printJson(document);
  else {
    print("estimate" in diagnosis ? describeEstimates(diagnosis) : describeDraws(diagnosis));
    if (out !== undefined) print(`${out}: report.html, diagnosis.svg, diagnosis.json`);
  }
}

async function ofEstimator(path: string, options: Options): Promise<Found> {
  const { simulations = SIMULATIONS, samples, names, recalibrate } = options;
  const derived = await derivedOf(options);
  if (names !== undefined) {
    throw new UsageError("--names are of draws from a file: an estimator knows its parameters");
  }
  const { details } = await load(path);
  const model = await modelOf(details.model.name, options.model);
  const estimator = await load(path, { model });
  try {
    const diagnosis = await diagnose(estimator, model, {
      simulations,
      ...(samples !== undefined && { samples }),
      ...derived,
    });
    if (recalibrate !== undefined) await writeRecalibrated(estimator, model, options, recalibrate);
    const { history, bestEpoch } = details.training;
    const title = `${details.model.name}, ${details.method}`;
    const example =
      options.out === undefined ? undefined : await diagnosisExample(estimator, model, derived);
    return { diagnosis, about: { title, history, bestEpoch, example } };
  } finally {
    await estimator.release();
  }
}

/** @throws UsageError where the estimator does not learn posteriors themselves. */
async function writeRecalibrated(
  estimator: Estimator,
  model: AnyModel,
  { simulations = SIMULATIONS }: Options,
  file: string,
): Promise<void> {
  if (estimator.kind !== "posterior") {
    throw new UsageError(
      `--recalibrate is of estimators that learn posteriors, but this is one of ${estimator.details.method}`,
    );
  }
  // Not those of the diagnosis: what is measured with them says nothing of the correction.
  const held = await simulate(model, { simulations, seed: "recalibration" });
  const better = await estimator.recalibrated(held);
  await better.save(file);
  await better.release();
  printAside(`${file}: recalibrated by ${count(held.size)} simulations`);
}

async function ofDraws(path: string, options: Options): Promise<Found> {
  const { model, names, recalibrate, simulations, samples } = options;
  if (model !== undefined) {
    throw new UsageError(
      "--model is of an estimator's file: draws are judged by their truths alone",
    );
  }
  if (recalibrate !== undefined) {
    throw new UsageError("--recalibrate is of an estimator's file: draws have no networks");
  }
  if (simulations !== undefined || samples !== undefined) {
    throw new UsageError(
      "--n and --samples are of an estimator's file: of draws, all that the file has are judged",
    );
  }
  const scored = scoredDrawsOf(await readData(path), names?.split(","));
  const { derived } = await derivedOf(options);
  const diagnosis = diagnoseDraws(scored, {
    ...(derived && { derived: derivedDraws(scored, derived) }),
  });
  return { diagnosis, about: { title: path } };
}

async function derivedOf({ derived }: Options): Promise<{ readonly derived?: Derive }> {
  return derived === undefined ? {} : { derived: await findDerived(derived) };
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

/** The verdict, and a table of what was measured. */
function describeDraws(diagnosis: DrawsDiagnosis): string {
  const { parameters, derived, verdict, simulations, samples } = diagnosis;
  const percent = (share: number): string => (100 * share).toFixed(1);
  const header = ["parameter", "50 %", "90 %", "RMSE", "bias", "±", "recovery", "contraction"];
  const all = [...parameters, ...derived];
  const rows = all.map(({ name, coverage, scores, recovery, contraction }) => [
    name,
    ...[0.5, 0.9].map((level) =>
      percent(coverage.find((one) => one.level === level)?.share.value ?? Number.NaN),
    ),
    short(scores.rmse.value),
    short(scores.bias.value),
    short(scores.bias.standardError),
    recovery.value.toFixed(3),
    contraction.standardError < 0.5 ? contraction.value.toFixed(3) : "not known",
  ]);
  return [
    ...verdict,
    "",
    table([header, ...rows], 1),
    `50 %, 90 %: shares of central intervals that hold the truth; ${simulations} data sets, ${samples} draws of each`,
  ].join("\n");
}

/** The verdict, and a table of errors. */
function describeEstimates({
  parameters,
  verdict,
  simulations,
  estimate,
  levels,
}: EstimatesDiagnosis): string {
  const header = [
    "parameter",
    "RMSE",
    "bias",
    "±",
    "recovery",
    ...levels.map((level) => `below ${level}`),
  ];
  const rows = parameters.map(({ name, rmse, bias, recovery, tested }) => [
    name,
    short(rmse.value),
    short(bias.value),
    short(bias.standardError),
    recovery.value.toFixed(3),
    ...tested.flatMap(({ level, name: own, share }) =>
      level === undefined || own === estimate ? [] : [(share?.value ?? Number.NaN).toFixed(3)],
    ),
  ]);
  return [
    ...verdict,
    "",
    table([header, ...rows], 1),
    `errors of the ${estimate} over ${simulations} data sets${levels.length > 0 ? "; below: shares of truths below each quantile" : ""}`,
  ].join("\n");
}
