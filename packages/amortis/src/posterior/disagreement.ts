/**
 * Whether the networks of an ensemble agree about a data set. Their mixture is the answer: where they differ by more than the posterior is wide, it is wider than each of them, and how
 * wide says more of how few simulations there were than of the data (the networks' spread as what they do not know: Lakshminarayanan, Pritzel & Blundell 2017, arXiv 1612.01474).
 */
import type { Floats } from "../data/layout.js";

/** Medians are apart by so many of the networks' own standard deviations: the mixture of two is then wider by a quarter. */
const APART = 1.5;

/** One network's standard deviation is so many times another's. */
const WIDER = 2;

/** Draws of a network, at least, and its share of all: quantiles of fewer are no judgement, and what has hardly a share does no harm. */
const [DRAWS, SHARE] = [50, 0.1];

/** Where means and standard deviations are nearer to each other than this part of what is looked for, no quantiles are looked at. */
const NEAR = 0.5;

/** Parameters that are named. */
const NAMED = 3;

/** How two networks differ the most about a parameter: their medians, in standard deviations of the narrower's and the wider's root mean square; and the ratio of the latter. */
interface Difference {
  readonly apart: number;
  readonly wider: number;
}

/**
 * Of which parameters the networks disagree, in one line; undefined where they agree, or there are too few draws to tell.
 *
 * @param draws [size, each, p]
 * @param who which network each of the draws of a data set is of, [each].
 */
export function describeDisagreement(
  names: readonly string[],
  draws: Floats,
  size: number,
  who: Uint8Array,
): string | undefined {
  const groups = groupsOf(who);
  if (groups.length < 2) return undefined;
  const each = who.length;
  const p = names.length;
  const found = names.flatMap((name, j) => {
    const differences = Array.from({ length: size }, (_, set) =>
      differenceIn(groups, (draw) => draws[(set * each + draw) * p + j] ?? Number.NaN),
    ).filter((one) => one !== undefined);
    const [first] = differences;
    if (first === undefined) return [];
    const worst = differences.reduce((a, b) => (b.apart + b.wider > a.apart + a.wider ? b : a));
    const which = size === 1 ? "" : `${differences.length} of ${size} data sets, at worst `;
    return [`${name} (${which}${inWords(worst)})`];
  });
  if (found.length === 0) return undefined;
  const rest = found.length > NAMED ? `; and ${found.length - NAMED} more parameters` : "";
  return `the networks of this ensemble do not agree about ${found.slice(0, NAMED).join("; ")}${rest}: the answer is their mixture, and its width may be theirs and not the posterior's; more simulations help, and where the model has a likelihood { answer: "importance" } puts it right`;
}

/** The draws of each network that has enough of them. */
function groupsOf(who: Uint8Array): readonly (readonly number[])[] {
  const groups: number[][] = [];
  for (const [draw, k] of who.entries()) (groups[k] ??= []).push(draw);
  return groups.filter(({ length }) => length >= DRAWS && length >= SHARE * who.length);
}

function differenceIn(
  groups: readonly (readonly number[])[],
  value: (draw: number) => number,
): Difference | undefined {
  const moments = groups.map((draws) => momentsOf(draws, value));
  if (!isFar(moments, NEAR)) return undefined;
  const robust = groups.map((draws) => quantilesOf(draws.map(value)));
  return isFar(robust, 1) ? largest(robust) : undefined;
}

interface Place {
  readonly middle: number;
  readonly sd: number;
}

function isFar(places: readonly Place[], part: number): boolean {
  const { apart, wider } = largest(places);
  return apart > part * APART || Math.log(wider) > part * Math.log(WIDER);
}

/** The most that any two differ. */
function largest(places: readonly Place[]): Difference {
  let [apart, wider] = [0, 1];
  for (const [i, a] of places.entries()) {
    for (const b of places.slice(i + 1)) {
      apart = Math.max(
        apart,
        Math.abs(a.middle - b.middle) / Math.sqrt((a.sd ** 2 + b.sd ** 2) / 2),
      );
      wider = Math.max(wider, a.sd / b.sd, b.sd / a.sd);
    }
  }
  return { apart, wider };
}

function momentsOf(draws: readonly number[], value: (draw: number) => number): Place {
  let [middle, square] = [0, 0];
  for (const [k, draw] of draws.entries()) {
    const delta = value(draw) - middle;
    middle += delta / (k + 1);
    square += (delta * delta * k) / (k + 1);
  }
  return { middle, sd: Math.sqrt(square / Math.max(1, draws.length - 1)) };
}

/** The median, and half of what lies between the quantiles that are a standard deviation from it of a normal distribution. */
function quantilesOf(values: readonly number[]): Place {
  const sorted = Float64Array.from(values).toSorted();
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;
  return { middle: at(0.5), sd: (at(0.841) - at(0.159)) / 2 };
}

function inWords({ apart, wider }: Difference): string {
  const short = (value: number): string => String(Number(value.toPrecision(2)));
  return apart > APART
    ? `medians ${short(apart)} of their standard deviations apart`
    : `one ${short(wider)} times as wide as another`;
}
