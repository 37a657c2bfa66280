/**
 * `amortis infer`: what an estimator says of data.
 */
import type { AnyModel, Derive, PosteriorSampler } from "amortis";
import {
  ANSWERS,
  answeringLine,
  answerSheet,
  answersWith,
  deviceRuntime,
  isArrayData,
  joinColumns,
  load,
  ProgressLine,
  readData,
  type AnswerAbout,
  type AnswerBy,
  type AnswerSheet,
  type DataInput,
  type Device,
  type Estimator,
  type Note,
  type AnswerSettings,
} from "amortis/answers";
import { InvalidArgumentError, Option, type Command } from "commander";
import { endingOf, writeAnswers } from "../answer-files.js";
import { UsageError } from "../failures.js";
import { summarize } from "../answers-table.js";
import {
  deviceOption,
  MOST_THREADS,
  print,
  printAside,
  printJson,
  requireOther,
  requireWritable,
  wholeFrom,
} from "../options.js";
import { PRIOR_HELP, readPriors } from "../priors.js";

/** How a posterior is made of a ratio or a likelihood. */
const TARGET_METHODS = ["grid", "mcmc", "importance", "rejection"] as const;

/** What makes Markov chains, or populations; their settings are the library's. */
const SAMPLERS = ["randomWalk", "nuts", "hmc", "slice", "ensemble", "smc"] as const;

interface InferArguments {
  readonly samples?: number;
  readonly seed?: number;
  readonly answer?: AnswerBy;
  readonly method?: (typeof TARGET_METHODS)[number];
  readonly sampler?: (typeof SAMPLERS)[number];
  readonly points?: number;
  readonly prior?: string;
  readonly table?: string;
  readonly replicates?: "all" | readonly number[];
  readonly derived?: string;
  readonly model?: string;
  readonly out?: string;
  readonly threads?: number;
  readonly device?: Device;
  readonly json?: true;
}

/** Draws of each posterior unless told. */
const SAMPLES = 1_000;

const DETAILS = `
DATA holds one data set, or a batch along a leading axis: .npy (one array), .npz (arrays by name), .csv (a row a data set, or columns
by name: y[0], y[1]; y0, y1; y.1, y.2; V1, V2) or .json (nested arrays, or an object of them by name). Where a file could be read in more
than one way, the command asks, or says how it read it: on standard error, and as "notes" of the document that --json prints. So are warnings of
the answers: data unlike anything that was simulated, posteriors that are known to be too wide or too narrow, networks of an ensemble that disagree.

--out samples.npy writes draws, float32 [data sets, N, parameters] (of an estimator of points: its estimates, [data sets, parameters]);
--out draws.csv or draws.parquet has a row a draw, with a column for each number: data_set (where there are several), chain, draw, mu, beta[0], beta[1], ...;
--out draws.npz has an array [data sets, N, ...] for each parameter, by its name
--out answers.zarr is a folder that ArviZ 1.x opens (az.from_zarr, xarray.open_datatree): the groups posterior, posterior_summary, prior and observed_data
--out answers.json writes what --json prints:
  { "parameters": ["range"],
    "datasets": [{ "mean": { "range": 0.2 }, "sd": { "range": 0.03 }, "quantiles": { "0.05": { "range": 0.15 }, ... } }] }
of posteriors also "typicality", a p-value of each data set: small where the data are unlike those of the model, which is warned of below 0.01
of ratios and likelihoods also "status", of each data set: "grid", "mcmc", "smc", "importance", "rejection", or "refused", with a "note" that says why, where nothing
answers it (its draws are NaN); the others are answered
of an estimator of points: { "parameters": [...], "estimate": "mean", "datasets": [{ "estimate": {...}, "quantiles": {...} }] }
with "probabilities": { "state": { "well": 0.77, "ill": 0.23 } } of each data set, where it was trained by the loss "brier"
of a series (train --method smoothing): parameters, then each state at each time; several series are of one length
of a hierarchy (train --method hierarchical) DATA are all innermost groups, a row each, with an array under the name of each level above: which group of it each row is in
of a summary: { "parameters": [...], "datasets": [{ "summary": [0.7] }] }, and as .npy float32 [data sets, length]

--answer trusted answers each data set by the networks where the model's likelihood (--model, its logLikelihood) and the check of the data speak for them, else by importance weights
of their draws, else by Markov chains, else not at all. Each has a "label": "amortized", "corrected" (by weights), "exact" (by chains or a grid) or "refused" (with a "cause"), and a "check".
--answer importance and --answer mcmc ask for one of them by itself; --answer refined fits the networks' density to each data set alone.

Estimators of ratios and likelihoods (train --method nre, synthetic-likelihood) become posteriors by --method: on a grid (of one or two
parameters, which is the default for those), by Markov chains (mcmc, the default for more), by weights of draws from the prior
(importance), or by accepting some of these (rejection: independent draws, and a refusal where few are accepted). What makes chains is --sampler's to say:
nuts and hmc follow the networks' gradients, smc tempers populations from the prior for several modes. The prior is theirs to choose, too: with --prior, without training again.
${PRIOR_HELP}

Examples:
  amortis infer field.amortis fields.npy
  amortis infer field.amortis field.csv --json
  amortis infer field.amortis fields.npy --samples 5000 --out samples.npy --seed 7
  amortis infer field.amortis fields.npy --out answers.zarr
  amortis infer field.amortis fields.npy --answer trusted --model field.ts
  amortis infer line.amortis y.npy --derived line.ts#ratio --out pairs.svg
  amortis infer ratio.amortis fields.npy --method mcmc --prior prior.json
  amortis infer ratio.amortis fields.npy --sampler nuts
  amortis infer ratio.amortis fields.npy --points 4000
  amortis infer ratio.amortis fields.npy --replicates all           one posterior of all data sets together`;

/** What the subcommand takes and does. */
export function addInfer(command: Command): void {
  command
    .description("Answer data sets: posterior draws and summaries, or estimates.")
    .argument("<FILE.amortis>", "estimator that `amortis train` wrote")
    .argument("<DATA>", "data sets: .npy, .npz, .parquet, .csv or .json")
    .option("--samples <N>", "draws of each posterior (default: 1,000)", wholeFrom(1))
    .option("--seed <S>", "seed of the draws (default: 0)", wholeFrom(0))
    .addOption(
      new Option("--answer <WAY>", "by what data sets are answered (default: amortized)").choices(
        ANSWERS,
      ),
    )
    .addOption(
      new Option("--method <METHOD>", "ratios, likelihoods: how they become posteriors").choices(
        TARGET_METHODS,
      ),
    )
    .addOption(
      new Option(
        "--sampler <SAMPLER>",
        "ratios, likelihoods: what makes Markov chains, or tempered populations (default: by the number of parameters)",
      ).choices(SAMPLERS),
    )
    .option(
      "--points <N>",
      "points of the grid along each axis (default: 1,000 of one parameter, 160 of two)",
      wholeFrom(2),
    )
    .option(
      "--replicates <all|N,N,...>",
      "data sets that are independent given one value of the parameters: all, or so many at a time",
      readReplicates,
    )
    .option(
      "--table <DIR>",
      "abc: a larger reference table than the file's: a folder of `amortis simulate`, or one that writeTable wrote",
    )
    .option("--prior <FILE.json>", "ratios, likelihoods, abc: other priors, see below")
    .option(
      "--derived <PATH#NAME>",
      "posteriors: quantities that follow from the parameters, told of after them: the function that a module exports, whose code runs",
    )
    .option(
      "--model <MODEL>",
      "the model it was trained for, whose code runs; needed where a prior is code, and for its likelihood",
    )
    .option(
      "--out <FILE>",
      "write draws (.npy, .npz, .csv, .parquet), all for ArviZ (.zarr), summaries (.json), or a pair plot of one data set's draws (.svg)",
    )
    .option("--threads <T>", "threads the networks run on", wholeFrom(1, MOST_THREADS))
    .addOption(deviceOption())
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(runInfer);
}

/** Seconds after which a line shows how far answers are. */
const LONG = 1;

async function runInfer(path: string, source: string, options: InferArguments): Promise<void> {
  const { out, threads, json } = options;
  await checkOut(out, source);
  const asked = await targetOptions(options);
  const model = options.model === undefined ? undefined : await importModel(options.model);
  const runtime = options.device && (await deviceRuntime(options.device, threads));
  if (runtime) printAside(`networks run on ${runtime.name}`);
  const notes: string[] = [];
  const fitted = await load(path, {
    onWarning: (message) => {
      notes.push(message);
      printAside(`warning: ${message}`);
    },
    ...(runtime && { runtime }),
    ...(threads !== undefined && { threads }),
    ...(model && { model }),
  });
  const about = await answersWith(fitted);
  const what = `${path} (${fitted.details.method})`;
  checkKind(about, what, options);
  if (out?.endsWith(".svg") === true && !about.options.includes("samples")) {
    throw new UsageError(
      `${what} answers with ${about.words}, so it has no draws to show: write .npy or .json`,
    );
  }
  const data = await readNamed(source, fitted, (message) => {
    notes.push(message);
    printAside(`note: ${message}`);
  });
  const progress = new ProgressLine(process.stderr, !process.stderr.isTTY);
  const started = performance.now();
  const onProgress = (done: number, total: number): void => {
    const seconds = (performance.now() - started) / 1000;
    // What takes no time needs no line.
    if (seconds > LONG) progress.show(answeringLine(done, total, seconds));
  };
  const sheet = await answerSheet(fitted, data, { ...asked, onProgress });
  progress.finish();
  const answers = withNotes(sheet, notes);
  const written = out && (await writeAnswers(out, { sheet: answers, fitted, data }));
  if (json === true) printJson(answers.document);
  else {
    const { document } = answers;
    print(summarize(document, about.options.includes("samples") ? asked.samples : undefined));
    if (written !== undefined) print(`${out}: ${written}`);
  }
  await fitted.release();
}

/** The model, by the whole library, which only this needs. */
async function importModel(source: string): Promise<AnyModel> {
  const { findModel } = await import("../models.js");
  return findModel(source);
}

/** The function of a module, likewise. */
async function importDerived(source: string): Promise<Derive> {
  const { findDerived } = await import("../models.js");
  return findDerived(source);
}

/** Data of a file, with its columns as the arrays that the estimator takes; how it was read is noted. */
async function readNamed(source: string, fitted: Estimator, onNote: Note): Promise<DataInput> {
  const data = await readData(source, { onNote });
  return isArrayData(data) ? data : joinColumns(fitted.dataShapes, data, onNote);
}

/** The same answers, with what was noted of the data in their document. */
function withNotes(answers: AnswerSheet, notes: readonly string[]): AnswerSheet {
  if (notes.length === 0) return answers;
  return { ...answers, document: { ...answers.document, notes } };
}

/** @throws InvalidArgumentError where a text is neither "all" nor whole numbers. */
function readReplicates(text: string): "all" | readonly number[] {
  if (text === "all") return "all";
  const counts = text.split(",").map((part) => Number(part.trim()));
  if (counts.every((count) => Number.isInteger(count) && count > 0)) return counts;
  throw new InvalidArgumentError(`it must be "all", or whole numbers such as 3,10, but is ${text}`);
}

/** @throws UsageError where options contradict each other, or the priors cannot be read. */
async function targetOptions(options: InferArguments): Promise<AnswerSettings> {
  const { samples = SAMPLES, seed = 0, answer, points, prior, replicates, table } = options;
  const { derived } = options;
  // Only a grid has points, so whoever gives their number asks for one.
  const method = options.method ?? (points === undefined ? undefined : "grid");
  const { sampler } = options;
  if (sampler !== undefined && method !== undefined && method !== "mcmc") {
    throw new UsageError(
      `--sampler ${sampler} makes Markov chains, but ${options.method === undefined ? "--points are of a grid" : `--method is ${method}`}: leave out one of them`,
    );
  }
  if (points !== undefined && method !== "grid") {
    throw new UsageError(
      `--points are of a grid, but --method is ${method}: leave out one of them`,
    );
  }
  return {
    samples,
    seed,
    ...(replicates && { replicates }),
    ...(answer && { answer }),
    ...(method && { method }),
    ...(sampler && { sampler: await samplerNamed(sampler) }),
    ...(points !== undefined && { points }),
    ...(prior !== undefined && { prior: await readPriors(prior) }),
    ...(table !== undefined && { table }),
    ...(derived !== undefined && { derived: await importDerived(derived) }),
  };
}

/** A sampler with its usual settings, of those that are imported when one is asked for. */
async function samplerNamed(name: (typeof SAMPLERS)[number]): Promise<PosteriorSampler> {
  const samplers = await import("amortis");
  return name === "slice" ? samplers.sliceSampler() : samplers[name]();
}

/** Options that mean something whatever an estimator answers with. */
const EVERY_KIND: readonly string[] = ["model", "out", "threads", "device", "json"];

/** @throws UsageError where an option means nothing to such an estimator. */
function checkKind(
  { words, options: known }: AnswerAbout,
  what: string,
  options: InferArguments,
): void {
  const given = Object.keys(options).filter((name) => !EVERY_KIND.includes(name));
  const option = given.find((name) => !known.some((own) => own === name));
  if (option === undefined) return;
  if (option === "table") {
    throw new UsageError(
      `${what} answers with ${words}, which come from no reference table: leave out --table, or train with --method abc`,
    );
  }
  if (option === "replicates") {
    throw new UsageError(
      `${what} answers with ${words}, which do not add up over replicates: leave out --replicates, or train with --method npe or nre`,
    );
  }
  throw new UsageError(
    ["samples", "seed", "answer", "derived"].includes(option)
      ? `${what} answers with ${words}, so it has no draws: leave out --${option}, or train with --method npe`
      : `${what} answers with ${words}: --${option} is for estimators of ratios and likelihoods, of train --method nre and synthetic-likelihood`,
  );
}

/** @throws UsageError where a file cannot be written, or is of no known kind. */
async function checkOut(out: string | undefined, data: string): Promise<void> {
  if (out === undefined) return;
  endingOf(out);
  requireOther("--out", out, "DATA", data);
  await requireWritable(out);
}
