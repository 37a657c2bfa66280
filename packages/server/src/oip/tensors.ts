/**
 * Answers as tensors by name, for clients that know nothing of posteriors.
 */
import type { AnswerDocument } from "amortis/answers";
import type { Served } from "../served.js";

/** A tensor of float32, or of float64 where single precision would lose digits. */
export interface OutTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** What is known of an output before there is an answer. */
export interface OutputAbout {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The levels of quantiles are those of the document. */
const LEVELS = 5;

/** Outputs of an estimator. Of estimators of points, quantiles are there where they were learned. */
export function outputsOf({ about, parameters }: Served): readonly OutputAbout[] {
  const p = parameters.length;
  const all: Readonly<Record<string, readonly OutputAbout[]>> = {
    posteriors: [
      { name: "draws", shape: [-1, -1, p] },
      { name: "mean", shape: [-1, p] },
      { name: "sd", shape: [-1, p] },
      { name: "quantiles", shape: [-1, LEVELS, p] },
    ],
    points: [{ name: "estimate", shape: [-1, p] }],
    summaries: [{ name: "summary", shape: [-1, -1] }],
    ranks: [{ name: "estimate", shape: [-1, p] }],
  };
  return [...(all[about.gives] ?? []), { name: "typicality", shape: [-1] }];
}

/** The name of the array of an answer: what `outputsOf` has first. */
function nameOf(served: Served): string {
  return outputsOf(served)[0]?.name ?? "answer";
}

/** All tensors of an answer. */
export function tensorsOf(
  served: Served,
  {
    document,
    shape,
    array,
  }: {
    readonly document: AnswerDocument;
    readonly shape: readonly number[];
    readonly array: OutTensor["data"];
  },
): readonly OutTensor[] {
  const { datasets, parameters } = document;
  const n = datasets.length;
  const whole: OutTensor = { name: nameOf(served), shape, data: array };
  const rows = (name: "mean" | "sd"): OutTensor[] =>
    datasets.every((one) => one[name] === undefined)
      ? []
      : [
          {
            name,
            shape: [n, parameters.length],
            data: Float64Array.from(
              datasets.flatMap((one) => parameters.map((key) => one[name]?.[key] ?? Number.NaN)),
            ),
          },
        ];
  const typicality = Float64Array.from(datasets, (one) => one.typicality ?? Number.NaN);
  const found = about(served, "mean")
    ? [...rows("mean"), ...rows("sd"), ...quantiles(document)]
    : [];
  return [whole, ...found, { name: "typicality", shape: [n], data: typicality }];
}

function about(served: Served, name: string): boolean {
  return outputsOf(served).some((output) => output.name === name);
}

function quantiles({ datasets, parameters }: AnswerDocument): readonly OutTensor[] {
  const levels = Object.keys(datasets.find((one) => one.quantiles !== undefined)?.quantiles ?? {});
  if (levels.length === 0) return [];
  const data = datasets.flatMap((one) =>
    levels
      .toSorted((a, b) => Number(a) - Number(b))
      .flatMap((level) => parameters.map((key) => one.quantiles?.[level]?.[key] ?? Number.NaN)),
  );
  return [
    {
      name: "quantiles",
      shape: [datasets.length, levels.length, parameters.length],
      data: Float64Array.from(data),
    },
  ];
}
