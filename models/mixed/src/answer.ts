/**
 * From weighted proposals to a posterior with names.
 */
import { Posterior, PosteriorBatch, Refusal, resample, stream, type Stream } from "amortis";
import { parameterSlots, type Drawn } from "amortis/extend";
import type { Variances } from "./coordinates.js";
import type { Corrected } from "./correction.js";
import type { Design } from "./design.js";
import type { Formula } from "./formula.js";
import { MixedPosterior } from "./mixed-posterior.js";
import { namesOf } from "./names.js";

/** What is known once proposals are weighted. */
export interface Answer<Scalar extends string> {
  readonly formula: Formula;
  readonly design: Design;
  /** What there is one of. */
  readonly scalars: readonly Scalar[];
  readonly corrected: Corrected;
  readonly correction: "importance" | "metropolis";
  readonly samples: number;
  readonly seed: number;
  readonly logEvidence: number;
  /** Writes a draw of all parameters, given the proposal of a row, into `values` from `at` on: draws of a row come one after another, and the first of them is `fresh`. */
  readonly write: (
    row: number,
    fresh: boolean,
    random: Stream,
    values: Float64Array,
    at: number,
  ) => void;
}

/** The posterior. */
export async function answerOf<Scalar extends string>(
  answer: Answer<Scalar>,
): Promise<MixedPosterior<Scalar>> {
  const { formula, design, scalars, corrected, correction, samples, seed, logEvidence } = answer;
  const slots = slotsOf(design, scalars);
  const size = slots.reduce((sum, slot) => sum + slot.size, 0);
  const { k, effective, acceptance, rounds } = corrected;
  const noDensity = (): Refusal =>
    new Refusal(
      "the posterior of all effects has draws, but no density that is computed: ask logEvidence, or the draws",
    );
  const draw = (draws: number, by: number): Promise<Drawn> => {
    const random = stream(by).split("effects");
    const rows = chosen(corrected, correction, draws, random);
    return Promise.resolve({
      draws: drawAll(rows, size, answer.write, random),
      answers: [
        { status: correction === "importance" ? "importance" : "mcmc", check: { k, effective } },
      ],
    });
  };
  const source = {
    slots,
    flatNames: slots.flatMap(({ name, shape, size: own, levels }) =>
      shape.length === 0
        ? [name]
        : Array.from({ length: own }, (_, j) => `${name}[${levels[j] ?? j}]`),
    ),
    size: 1,
    draw,
    withoutDensity: noDensity,
    logDensity: () => Promise.reject(noDensity()),
  };
  const all = new Posterior(new PosteriorBatch(source, await draw(samples, seed), samples));
  const proposals = corrected.logWeights.length;
  const check = { k, effective, acceptance, proposals, rounds };
  return new MixedPosterior(all, { formula, design, check, logEvidence, scalars });
}

/** Where each parameter lies in the flat vector, and of effects of groups the labels. */
function slotsOf(design: Design, scalars: readonly string[]) {
  const { fixed, sd, correlation, groups } = namesOf(design, scalars);
  const single = [fixed, sd, correlation].flatMap((names) => Object.values(names));
  const levels = design.terms.flatMap((term) => term.randomNames.map(() => term.levels));
  const grouped = Object.values(groups);
  const slots = parameterSlots([
    ...[...single, ...scalars].map((name) => ({ name, shape: [] })),
    ...grouped.map((name, at) => ({ name, shape: [levels[at]?.length ?? 0] })),
  ]);
  return slots.map((slot) => ({ ...slot, levels: levels[grouped.indexOf(slot.name)] ?? [] }));
}

/** Places of proposals for so many draws. */
function chosen(
  { logWeights, chain }: Corrected,
  correction: "importance" | "metropolis",
  draws: number,
  random: Stream,
): ArrayLike<number> {
  if (correction === "importance") return resample(logWeights.map(Math.exp), draws, random);
  return Uint32Array.from(
    { length: draws },
    (_, i) => chain[Math.floor((i * chain.length) / draws)] ?? 0,
  );
}

/** Draws of all parameters in units of the data, [draws, size]. */
function drawAll(
  rows: ArrayLike<number>,
  size: number,
  write: Answer<string>["write"],
  random: Stream,
): Float64Array {
  const values = new Float64Array(rows.length * size);
  // Draws of one proposal come after another, so that its algebra is done once.
  const order = Uint32Array.from(rows, (_, i) => i).toSorted(
    (a, b) => (rows[a] ?? 0) - (rows[b] ?? 0),
  );
  let last = -1;
  for (const i of order) {
    const row = rows[i] ?? 0;
    write(row, row !== last, random, values, i * size);
    last = row;
  }
  return values;
}

/** Writes standard deviations in units of the data. Returns where they end. */
export function writeSds(
  { sd }: Variances,
  units: Float64Array,
  values: Float64Array,
  at: number,
): number {
  for (const [k, value] of sd.entries()) values[at + k] = value * (units[1 + k] ?? 1);
  return at + sd.length;
}

/** Writes the correlations of Λ Λᵀ. Returns where they end. */
export function writeCorrelations(
  { sd, lambda }: Variances,
  values: Float64Array,
  from: number,
): number {
  const q = sd.length;
  let at = from;
  for (let r = 0; r < q; r++) {
    for (let c = 0; c < r; c++) {
      let value = 0;
      for (let k = 0; k <= c; k++) value += (lambda[r * q + k] ?? 0) * (lambda[c * q + k] ?? 0);
      values[at++] = value / ((sd[r] ?? 1) * (sd[c] ?? 1));
    }
  }
  return at;
}

/** Writes β in units of the data. Returns where it ends. */
export function writeFixed(
  {
    shift,
    scale,
    fixedScale,
  }: Readonly<{ shift: Float64Array; scale: number; fixedScale: Float64Array }>,
  fixed: Float64Array,
  values: Float64Array,
  at: number,
): number {
  for (const [k, value] of fixed.entries())
    values[at + k] = (shift[k] ?? 0) + (scale * value) / (fixedScale[k] ?? 1);
  return at + fixed.length;
}

/** Writes effects [groups, q] by effect, each times its unit. Returns where they end. */
export function writeEffects(
  effects: Float64Array,
  units: ArrayLike<number>,
  values: Float64Array,
  from: number,
): number {
  const q = units.length;
  const groups = effects.length / q;
  for (let k = 0; k < q; k++) {
    for (let j = 0; j < groups; j++)
      values[from + k * groups + j] = (effects[j * q + k] ?? 0) * (units[k] ?? 1);
  }
  return from + effects.length;
}
