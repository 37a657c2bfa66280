/**
 * Posteriors by a reference table: for each data set the draws whose summaries are nearest, weighted by how near they are, and adjusted by regression.
 */
import type { Bijection } from "../distributions/index.js";
import type { ParameterSlot } from "../data/layout.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { DrawnBatch } from "../posterior/drawn-batch.js";
import { orRefusal, Refusal, type Answer } from "../posterior/refusal.js";
import { stream } from "../random/index.js";
import { resample } from "../samplers/resample.js";
import { adjusted, beyondOf, effectiveOf, kernelWeights, type Adjustment } from "./adjust.js";
import { acceptanceOf, BEYOND, describeAcceptance, FEWEST, type Acceptance } from "./judge.js";
import { nearestRows, type Nearest } from "./nearest.js";
import type { ReferenceTable } from "./reference-table.js";
import { eachRow } from "./rows.js";

/** Of what posteriors are made. */
export interface AbcTarget {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  readonly table: ReferenceTable;
  /** Summaries of the data sets, [n, s]. */
  readonly observed: Float32Array;
  /** W, [s] or [s, s]. */
  readonly scale: Float64Array;
  /** Draws of the table that are accepted for each data set. */
  readonly accepted: number;
  readonly adjustment: Adjustment;
  /** To the unconstrained space in which draws are adjusted; undefined of discrete parameters, which are not adjusted. */
  readonly bijection: Bijection | undefined;
}

/** Draws that were accepted for a data set, as they are to be drawn from. */
export interface AcceptedDraws {
  /** [rows, p]. */
  readonly parameters: Float32Array;
  /** With sum one, [rows]. */
  readonly weights: Float64Array;
  readonly acceptance: Acceptance;
}

/** Numbers of accepted draws that one pass over the table may hold: 256 MiB in double precision. */
const MOST_HELD = 2 ** 25;

/** Posteriors of all data sets. */
export function abcSource(target: AbcTarget): PosteriorSource {
  const { slots, flatNames, table, observed, scale, accepted, adjustment } = target;
  const { summaries: s, parameters: p } = table;
  const together = Math.max(1, Math.floor(MOST_HELD / (accepted * (s + p))));
  return {
    slots,
    flatNames,
    size: observed.length / s,
    withoutDensity: noDensity,
    logDensity: (parameters) =>
      Promise.resolve(new Float64Array(parameters.length / p).fill(Number.NaN)),
    draw: async (draws, seed, start, end) => {
      const batch = new DrawnBatch(end - start, draws, p);
      for (let from = start; from < end; from += together) {
        const to = Math.min(from + together, end);
        const asked = observed.subarray(from * s, to * s);
        for (const [i, near] of (await nearestRows(table, asked, scale, accepted)).entries()) {
          const found = orRefusal(() => accept(target, near, from + i));
          if (found instanceof Refusal) batch.refuse(found);
          else {
            const random = stream(seed)
              .split("abc")
              .split(from + i);
            const rows = resample(found.weights, draws, random);
            batch.choose(answerOf(found.acceptance, adjustment), found.parameters, rows);
          }
        }
      }
      return batch.drawn;
    },
  };
}

/**
 * The accepted draws of one data set, adjusted.
 *
 * @throws Refusal where they are worth too few.
 */
function accept(
  { table, adjustment, bijection }: AbcTarget,
  near: Nearest,
  dataSet: number,
): AcceptedDraws {
  const weights = kernelWeights(near.distance);
  const effective = effectiveOf(weights);
  if (!(effective >= FEWEST)) {
    throw new Refusal(
      `of ${table.size} simulations ${weights.length} are accepted for data set ${dataSet}, worth ${effective.toFixed(1)} draws, but ${FEWEST} are the fewest that answer: simulate more, or accept a larger share`,
      { because: "too few accepted draws" },
    );
  }
  return {
    weights,
    ...adjustedDraws(near, weights, { adjustment, bijection, size: table.size }),
  };
}

/** Accepted draws as they are adjusted, where they can be. */
export function adjustedDraws(
  near: Pick<Nearest, "parameters" | "offsets" | "distance" | "typical">,
  weights: Float64Array,
  {
    adjustment,
    bijection,
    size,
  }: Pick<AbcTarget, "adjustment" | "bijection"> & { readonly size: number },
): Omit<AcceptedDraws, "weights"> {
  const { parameters } = near;
  const plain = Float64Array.from(parameters);
  if (bijection === undefined) {
    return { parameters, acceptance: acceptanceOf(near, plain, weights, undefined, size) };
  }
  const u = eachRow(plain, bijection.size, bijection.unconstrainedSize, (theta) =>
    bijection.inverse(theta),
  );
  const made =
    adjustment === "none" || beyondOf(near.offsets, weights) > BEYOND
      ? undefined
      : adjusted(u, near.offsets, weights, adjustment);
  const values = made?.values ?? u;
  const acceptance = acceptanceOf(near, values, weights, made, size);
  if (made === undefined) return { parameters, acceptance };
  const moved = eachRow(values, bijection.unconstrainedSize, bijection.size, (v) =>
    bijection.forward(v),
  );
  return { parameters: Float32Array.from(moved), acceptance };
}

/** What is said of an answer. */
export function answerOf(acceptance: Acceptance, adjustment: Adjustment): Answer {
  const note = describeAcceptance(acceptance, adjustment);
  const { effective, quantile, reach, drift, explained } = acceptance;
  return {
    status: "abc",
    check: { effective, quantile, reach, drift, ...(explained !== undefined && { explained }) },
    ...(note !== undefined && { note }),
  };
}

/** Why there are draws and no density. */
export function noDensity(dataSet: number): Refusal {
  return new Refusal(
    `approximate Bayesian computation gives draws of data set ${dataSet} and no density: summarise the draws, or train npe for a density`,
  );
}
