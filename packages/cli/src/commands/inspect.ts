/**
 * `amortis inspect`: what an estimator's file holds.
 */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { load, type Details, type Estimator } from "amortis";
import {
  answersWith,
  describeColumnTransform,
  describeSpec,
  inWords,
  samePrior,
} from "amortis/extend";
import { writeBytes } from "amortis/files";
import type { Command } from "commander";
import { bestWhere, bytes, count, duration, plural, short } from "../format.js";
import { print, printJson, requireOther, requireWritable } from "../options.js";

const DETAILS = `
Loading a file checks all of it and runs nothing of it. With --json the document holds everything the file says of itself: model with
priors, networks, training settings, and the losses of every epoch.

With --html: the model card as a page that stands alone, with the losses and how it answered simulations held out of training.

Examples:
  amortis inspect field.amortis
  amortis inspect field.amortis --html card.html
  amortis inspect field.amortis --json | jq .training.bestValidationLoss`;

interface InspectOptions {
  readonly html?: string;
  readonly json?: true;
}

/** What the subcommand takes and does. */
export function addInspect(command: Command): void {
  command
    .description("Say what an estimator is, how it was trained, and how well that went.")
    .argument("<FILE.amortis>", "estimator that `amortis train` wrote")
    .option("--html <FILE>", "write the model card as a page that stands alone")
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(async (path: string, { json, html }: InspectOptions) => {
      if (html !== undefined) {
        requireOther("--html", html, "FILE", path);
        await requireWritable(html);
      }
      const fitted = await load(path);
      const { size } = await stat(path);
      const weights = fitted.contents.weights.length;
      const { words } = await answersWith(fitted);
      if (html !== undefined) {
        // Figures are drawn by a library that a line of text does not wait for.
        const { modelCard } = await import("amortis/figures");
        const about = { file: basename(path), bytes: size, weights, answers: words };
        await writeBytes(html, new TextEncoder().encode(modelCard(fitted.details, about)));
      }
      if (json === true) printJson({ file: path, bytes: size, weights, ...fitted.details });
      else if (html === undefined) print(describe(path, size, fitted, words));
      else print(`${html}: the model card`);
    });
}

function describe(path: string, size: number, fitted: Estimator, words: string): string {
  const { details } = fitted;
  const { model, training } = details;
  const lines: [string, string][] = [
    [
      "file",
      `${path}, ${bytes(size)}, by ${details.created.by}${details.created.at === undefined ? "" : `, ${details.created.at.slice(0, 10)}`}`,
    ],
    ["method", `${details.method}, which answers with ${words}`],
    ["model", model.name],
  ];
  for (const { name, shape, prior, ...worded } of model.parameters) {
    const dimensions = shape.length === 0 ? "" : ` [${shape.join(", ")}]`;
    lines.push(["parameter", `${name}${dimensions} ~ ${inWords(prior)}${wordsOf(worded)}`]);
  }
  for (const [name, spec] of Object.entries(model.data)) {
    lines.push(["data", `${name} ${describeSpec(spec)}${wordsOf(spec)}`]);
  }
  for (const [name, transform] of Object.entries(details.standardization.columns ?? {})) {
    lines.push(["transform", `${name}: ${describeColumnTransform(transform)}`]);
  }
  for (const [name, network] of networks(details.description)) lines.push([name, network]);
  for (const [i, member] of (training.members ?? []).entries()) {
    lines.push([`network ${i + 1}`, describeMember(member)]);
  }
  lines.push(
    ["weights", count(fitted.contents.weights.length)],
    ["trained on", trainedOn(details)],
    [
      "trained for",
      `${plural(training.history.length, "epoch")}, in ${duration(training.seconds)}`,
    ],
  );
  // A table that nothing is learned beside has no loss.
  if (training.history.length > 0) {
    lines.push([
      "best",
      `validation loss ${short(training.bestValidationLoss)}${bestWhere(training)}`,
    ]);
  }
  lines.push(...calibrationLines(details));
  const width = Math.max(...lines.map(([key]) => key.length));
  return lines.map(([key, value]) => `${key.padEnd(width)}  ${value}`).join("\n");
}

/** Unit and description, where the model gives them. */
function wordsOf({ unit, description }: Pick<Parameter, "unit" | "description">): string {
  const text = (words: Parameter["unit"]): string =>
    typeof words === "string" ? words : (words ?? []).join(", ");
  return `${unit === undefined ? "" : `, in ${text(unit)}`}${description === undefined ? "" : `: ${text(description)}`}`;
}

type Parameter = Details["model"]["parameters"][number];

/** How it answered simulations that were held out of training. */
function calibrationLines({ calibration }: Details): readonly [string, string][] {
  if (calibration === undefined) return [];
  const { simulations, parameters = [], classifier } = calibration;
  const held = `of ${count(simulations)} held out`;
  const lines = parameters.map(({ name, rmse, r2, coverage, quantiles }): [string, string] => {
    const covered = (coverage ?? []).map(
      ({ level, covered: share }) =>
        `${Math.round(100 * level)} % intervals cover ${Math.round(100 * share)} %`,
    );
    const below = (quantiles ?? []).map(
      ({ level, below: share }) =>
        `${Math.round(100 * share)} % lie below the ${Math.round(100 * level)} % quantile`,
    );
    return [
      "held out",
      [`${name}: rmse ${short(rmse)}, R² ${short(r2)}`, ...covered, ...below, held].join(", "),
    ];
  });
  if (classifier === undefined) return lines;
  const { accuracy, error } = classifier;
  return [
    ...lines,
    [
      "held out",
      `classifier: accuracy ${short(accuracy)}, calibration error ${short(error)}, ${held}`,
    ],
  ];
}

type TrainedMember = NonNullable<Details["training"]["members"]>[number];

function describeMember(member: TrainedMember): string {
  const { weight, bestValidationLoss, bestEpoch, epochs } = member;
  const parts = networks(member.description).map(([name, network]) => `${name} ${network}`);
  const best = `validation loss ${short(bestValidationLoss)} after epoch ${bestEpoch} of ${epochs}`;
  return [`weight ${short(weight)}`, best, ...parts].join("; ");
}

function trainedOn({ training, model }: Details): string {
  const { simulations, invalidSimulations, origin, corruption, unlabelled, from } = training;
  const invalid = invalidSimulations > 0 ? `, ${count(invalidSimulations)} more were invalid` : "";
  const seed = origin?.seed === undefined ? "" : ` (seed ${origin.seed.value})`;
  const other = origin && !hasPriors(origin, model) ? ", under another prior than the model's" : "";
  const corrupted = corruption === undefined ? "" : `, corrupted by ${corruption}`;
  const beside = unlabelled === undefined ? "" : `, and ${unlabelled}`;
  const first =
    from === undefined
      ? ""
      : `, after ${plural(from.simulations, "simulation")} of "${from.model}"`;
  return `${plural(simulations, "simulation")}${seed}${invalid}${other}${corrupted}${beside}${first}`;
}

function hasPriors(
  { priors }: NonNullable<Details["training"]["origin"]>,
  { parameters }: Details["model"],
): boolean {
  return (
    priors !== "given" &&
    parameters.every(({ name, prior }) => samePrior(priors[name] ?? null, prior))
  );
}

type Json = Details["description"];

/** Networks and settings of a method, one line each. */
function networks(description: Json): readonly [string, string][] {
  if (typeof description !== "object" || description === null || Array.isArray(description)) {
    return [];
  }
  return Object.entries(description).flatMap(([key, value]): [string, string][] => {
    if (key === "method" || (Array.isArray(value) && value.length === 0)) return [];
    // Transforms of columns have their own lines.
    if (key === "transform" && isOfColumns(value)) return [];
    return [[key, inWords(value)]];
  });
}

function isOfColumns(value: Json): boolean {
  return (
    typeof value === "object" && value !== null && "kind" in value && value["kind"] === "columns"
  );
}
