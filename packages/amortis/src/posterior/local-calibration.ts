/**
 * Whether posteriors are as wide as they should be, where they are like the one at hand: by simulations held out of training.
 *
 * With z = Φ⁻¹(u), u the fractional rank of a true parameter among draws of its posterior, |z| has the median 0.674 where posteriors are right. Its median among held-out simulations whose
 * posteriors had about the same standard deviation, or about the same mean, tells posteriors that are too wide or too narrow there, though they may be right on the whole: networks that cannot
 * follow a scale over decades answer the sharpest data sets too widely, and a test of all ranks hardly sees it (local calibration: Zhao, Dalmasso, Izbicki & Lee 2021, arXiv 2102.10473).
 */
import { normalQuantile } from "../math/index.js";
import type { Floats } from "../data/layout.js";

/** Held-out simulations in the order of a number of their posteriors, in bins of as many. */
export interface CalibrationBins {
  /** Between neighbouring bins, increasing: [k - 1]. */
  readonly edges: readonly number[];
  /** The median of |z| in each, in units of the right one: [k]. */
  readonly ratios: readonly number[];
}

/** Of each parameter, by its posterior's standard deviation and mean. */
export interface LocalCalibration {
  readonly parameters: readonly Readonly<Record<"sd" | "mean", CalibrationBins>>[];
}

/** Simulations in a bin. */
const EACH = 100;

/** Parameters that are looked at, at most. */
const MOST = 100;

/** The median of |z|, and the standard error of its ratio to that in a bin: 1 / (2 f √n), f the density of |z| there. */
const [MEDIAN, ERROR] = [0.6745, 1.166 / Math.sqrt(EACH)];

/** A ratio is told from one where it is so many standard errors off, and matters from a factor on. */
const [CERTAIN, FACTOR] = [4, 1.5];

/** Bins of a warning that are named. */
const NAMED = 3;

/**
 * Learns where posteriors are too wide or too narrow.
 *
 * @param draws [n, each, p]
 * @param ranks fractional ranks of the true parameters, of each parameter [n].
 * @returns undefined where none are known to be, or there are too few to tell.
 */
export function learnLocalCalibration(
  draws: Floats,
  ranks: readonly Float64Array[],
): LocalCalibration | undefined {
  const p = ranks.length;
  const n = ranks[0]?.length ?? 0;
  if (n < EACH) return undefined;
  const parameters = ranks.slice(0, MOST).map((own, j) => {
    const sizes = own.map((u) => Math.abs(normalQuantile(u)));
    const moments = Array.from({ length: n }, (_, i) => momentsOf(draws, n, p, i, j));
    const by = (which: "sd" | "mean"): CalibrationBins =>
      binsOf(
        moments.map((one) => one[which]),
        sizes,
      );
    return { sd: by("sd"), mean: by("mean") };
  });
  const isFaulty = ({ ratios }: CalibrationBins): boolean => ratios.some(isOff);
  return parameters.some(({ sd, mean }) => isFaulty(sd) || isFaulty(mean))
    ? { parameters }
    : undefined;
}

/** Where posteriors are too wide or too narrow, in one line; undefined where they are not known to be. */
export function describeMiscalibration(
  { parameters }: LocalCalibration,
  names: readonly string[],
  draws: Floats,
  size: number,
): string | undefined {
  const found = parameters.flatMap((one, j) => {
    const faults = Array.from({ length: size }, (_, i) => {
      const own = momentsOf(draws, size, names.length, i, j);
      return faultOf(one.sd, own.sd, "sd") ?? faultOf(one.mean, own.mean, "mean");
    }).filter((fault) => fault !== undefined);
    const [first] = faults;
    if (first === undefined) return [];
    const which = size === 1 ? "" : ` of ${faults.length} of ${size} data sets`;
    return [`${names[j]}${which} ${first}`];
  });
  if (found.length === 0) return undefined;
  const rest = found.length > NAMED ? `; and ${found.length - NAMED} more parameters` : "";
  return `posteriors like these are not as wide as they should be, by simulations held out of training: ${found.slice(0, NAMED).join("; ")}${rest}; more simulations help, and where the model has a likelihood { answer: "importance" } puts it right`;
}

/** What was found in training, in one line; undefined where nothing was. */
export function describeCalibration(
  { parameters }: LocalCalibration,
  names: readonly string[],
): string | undefined {
  const found = parameters.flatMap(({ sd, mean }, j) => {
    const fault = firstFault(sd, "sd") ?? firstFault(mean, "mean");
    return fault === undefined ? [] : [`${names[j]} ${fault}`];
  });
  if (found.length === 0) return undefined;
  const rest = found.length > NAMED ? `; and ${found.length - NAMED} more parameters` : "";
  return `some posteriors are not as wide as they should be, by simulations held out of training, and such answers will come with a warning: ${found.slice(0, NAMED).join("; ")}${rest}; more simulations help`;
}

function firstFault(bins: CalibrationBins, by: "sd" | "mean"): string | undefined {
  const at = bins.ratios.findIndex(isOff);
  return at < 0 ? undefined : inWords(bins, at, by);
}

function faultOf(bins: CalibrationBins, value: number, by: "sd" | "mean"): string | undefined {
  const above = bins.edges.findIndex((edge) => value < edge);
  const at = above < 0 ? bins.edges.length : above;
  return isOff(bins.ratios[at] ?? 1) ? inWords(bins, at, by) : undefined;
}

function isOff(ratio: number): boolean {
  return Math.abs(ratio - 1) > CERTAIN * ERROR && Math.abs(Math.log(ratio)) > Math.log(FACTOR);
}

/** "(sd below 0.04): 3.1 times too wide". */
function inWords({ edges, ratios }: CalibrationBins, at: number, by: "sd" | "mean"): string {
  const ratio = ratios[at] ?? 1;
  const [from, to] = [edges[at - 1], edges[at]];
  const range =
    from === undefined
      ? to === undefined
        ? ""
        : ` below ${short(to)}`
      : to === undefined
        ? ` above ${short(from)}`
        : ` from ${short(from)} to ${short(to)}`;
  const times =
    ratio < 1 ? `${short(1 / ratio)} times too wide` : `${short(ratio)} times too narrow`;
  return `(${by}${range}): about ${times}`;
}

/** Bins of a number by which simulations are ordered. */
function binsOf(by: readonly number[], sizes: Float64Array): CalibrationBins {
  const order = Array.from(by.keys()).toSorted((a, b) => (by[a] ?? 0) - (by[b] ?? 0));
  const count = Math.floor(order.length / EACH);
  const start = (bin: number): number => Math.floor((bin * order.length) / count);
  const edges = Array.from({ length: count - 1 }, (_, bin) => by[order[start(bin + 1)] ?? 0] ?? 0);
  const ratios = Array.from({ length: count }, (_, bin) => {
    const own = order.slice(start(bin), start(bin + 1)).map((i) => sizes[i] ?? 0);
    const sorted = own.toSorted((a, b) => a - b);
    return (sorted[sorted.length >> 1] ?? MEDIAN) / MEDIAN;
  });
  return { edges: edges.map(rounded), ratios: ratios.map(rounded) };
}

/** Mean and standard deviation of a parameter's draws [n, each, p] of one data set. */
function momentsOf(
  draws: Floats,
  n: number,
  p: number,
  set: number,
  parameter: number,
): Readonly<Record<"sd" | "mean", number>> {
  const each = draws.length / (n * p);
  let [mean, square] = [0, 0];
  for (let k = 0; k < each; k++) {
    const delta = (draws[(set * each + k) * p + parameter] ?? 0) - mean;
    mean += delta / (k + 1);
    square += (delta * delta * k) / (k + 1);
  }
  return { mean, sd: Math.sqrt(square / Math.max(1, each - 1)) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
