/**
 * Answers as files: what `amortis infer --out` writes, by how its name ends.
 */
import {
  writeBytes,
  writeNpy,
  type AnswerSheet,
  type ArrayData,
  type DataInput,
  type Estimator,
} from "amortis/answers";
import { UsageError } from "./failures.js";

/** What can be written. */
const ENDINGS = ["npy", "npz", "csv", "parquet", "zarr", "json", "svg"] as const;
type Ending = (typeof ENDINGS)[number];

/** In a message: what each is for. */
const CHOICES =
  ".npy, .npz, .csv or .parquet (draws), .zarr (draws, prior and data for ArviZ), .json (summaries) or .svg (a pair plot)";

/**
 * How a name ends, of those that can be written.
 *
 * @throws UsageError where it ends otherwise.
 */
export function endingOf(out: string): Ending {
  const ending = ENDINGS.find((known) => out.endsWith(`.${known}`));
  if (ending !== undefined) return ending;
  throw new UsageError(`--out writes ${CHOICES}, but was given ${out}`);
}

/** What is written. */
export interface Answered {
  readonly sheet: AnswerSheet;
  readonly fitted: Estimator;
  readonly data: DataInput;
}

/**
 * Writes answers.
 *
 * @returns what was written, in words.
 * @throws UsageError where an estimator has no draws, or a pair plot would be of several data sets.
 */
export async function writeAnswers(
  out: string,
  { sheet, fitted, data }: Answered,
): Promise<string> {
  const { document, shape, array } = sheet;
  const ending = endingOf(out);
  switch (ending) {
    case "npy":
      await writeNpy(out, { shape, data: array });
      return `${array instanceof Float32Array ? "float32" : "float64"} [${shape.join(", ")}]`;
    case "json":
      await writeBytes(out, new TextEncoder().encode(`${JSON.stringify(document)}\n`));
      return "summaries";
    case "svg":
      await writePairs(out, sheet, document.parameters);
      return "a pair plot of the draws";
    case "zarr":
      return writeZarr(out, { sheet, fitted, data });
    default:
      return writeFrame(out, ending, sheet);
  }
}

/** A pair plot. @throws UsageError where there are several data sets. */
async function writePairs(
  out: string,
  { shape: [sets = 0, ...shape], array: data }: AnswerSheet,
  names: readonly string[],
): Promise<void> {
  if (sets !== 1) {
    throw new UsageError(
      `--out ${out} shows the draws of one data set, but there are ${sets}: give one, or write .npy`,
    );
  }
  const { pairsFigure, saveFigure } = await import("amortis/figures");
  await saveFigure(out, pairsFigure({ names, shape, data }));
}

/** @throws UsageError where there are no draws of named parameters. */
async function writeZarr(
  out: string,
  { sheet: { slots, shape, array }, fitted, data }: Answered,
): Promise<string> {
  if (slots === undefined || !("prior" in fitted)) {
    throw new UsageError(
      `--out ${out} is for draws, but this estimator gives none: write .npy, .csv or .json`,
    );
  }
  const { writeInferenceData } = await import("amortis/files");
  const [size = 1] = shape;
  await writeInferenceData(out, { fitted, posterior: { draws: array, size, slots }, data });
  return `posterior, prior and data of ${size} data set${size === 1 ? "" : "s"}, for ArviZ`;
}

/** A row for each draw, or for each data set where there are none. */
async function writeFrame(
  out: string,
  ending: "npz" | "csv" | "parquet",
  sheet: AnswerSheet,
): Promise<string> {
  const { columnsOf, encodeCsv, encodeNpz, encodeParquet } = await import("amortis/files");
  const arrays = arraysOf(sheet);
  const words = Object.keys(arrays).join(", ");
  if (ending === "npz") {
    await writeBytes(out, encodeNpz(arrays));
    return words;
  }
  const rows = Object.entries(arrays).map(
    ([name, { shape, data }]) => [name, { shape: inRows(shape, sheet), data }] as const,
  );
  const columns = { ...indicesOf(sheet), ...columnsOf(Object.fromEntries(rows)) };
  const bytes =
    ending === "csv" ? new TextEncoder().encode(encodeCsv(columns)) : await encodeParquet(columns);
  await writeBytes(out, bytes);
  return `${Object.keys(columns).join(", ")}; ${Object.values(columns)[0]?.length ?? 0} rows`;
}

/** Draws as [data sets · draws, ...]. */
function inRows(shape: readonly number[], { slots }: AnswerSheet): readonly number[] {
  if (slots === undefined) return shape;
  const [sets = 1, draws = 1, ...own] = shape;
  return [sets * draws, ...own];
}

/** Draws of each parameter [data sets, draws, ...]; of answers without draws [data sets] by name, or all that the estimator gives of each. */
function arraysOf({
  slots,
  shape,
  array,
  document,
}: AnswerSheet): Readonly<Record<string, ArrayData>> {
  const [sets = 0, ...rest] = shape;
  const width = rest.at(-1) ?? 1;
  const rows = array.length / width;
  const pick = (offset: number, size: number) => {
    const data = array.slice(0, rows * size);
    for (let row = 0; row < rows; row++) {
      const start = row * width + offset;
      data.set(array.subarray(start, start + size), row * size);
    }
    return data;
  };
  if (slots !== undefined) {
    return Object.fromEntries(
      slots.map(({ name, offset, size, shape: own }) => [
        name,
        { shape: [sets, rows / sets, ...own], data: pick(offset, size) },
      ]),
    );
  }
  const names = document.parameters;
  if (rest.length === 1 && names.length === width && document.estimate !== undefined) {
    return Object.fromEntries(names.map((name, i) => [name, { shape: [sets], data: pick(i, 1) }]));
  }
  return { answer: { shape, data: array } };
}

/** Which data set, chain and draw each row is of, as data frames have it. */
function indicesOf({ slots, shape: [sets = 0, draws = 1] }: AnswerSheet) {
  const each = slots === undefined ? 1 : draws;
  const of = (value: (row: number) => number) =>
    Float64Array.from({ length: sets * each }, (_, row) => value(row));
  return {
    ...((sets > 1 || slots === undefined) && { data_set: of((row) => Math.floor(row / each)) }),
    ...(slots !== undefined && { chain: of(() => 0), draw: of((row) => row % each) }),
  };
}
