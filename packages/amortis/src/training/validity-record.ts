/**
 * Which simulations were valid, for the classifier that is learned beside likelihoods and ratios.
 */
import type { AnyModel } from "../model/index.js";
import type { SimulatedData } from "../simulation/index.js";

/** Simulations that are looked at, at most: a function of θ alone needs no more. */
const MOST = 100_000;

/** θ of simulations, and whether each is valid, in the order in which they were made. */
export interface LabelledParameters {
  readonly parameters: Float64Array;
  readonly valid: Float32Array;
}

/** Of some simulations, those whose θ is finite. */
function labelled(
  model: AnyModel,
  { size, parameters, indices, invalid }: SimulatedData,
): LabelledParameters {
  const p = model.parameterSize;
  const rows = [
    ...Array.from({ length: size }, (_, row) => ({
      index: indices[row] ?? row,
      theta: parameters.subarray(row * p, (row + 1) * p) as ArrayLike<number>,
      valid: 1,
    })),
    ...invalid.map(({ index, parameters: theta }) => ({ index, theta, valid: 0 })),
  ].filter(({ theta }) => Array.from(theta).every(Number.isFinite));
  const kept = rows.toSorted((a, b) => a.index - b.index).slice(0, MOST);
  return {
    parameters: Float64Array.from(kept.flatMap(({ theta }) => Array.from(theta))),
    valid: Float32Array.from(kept, ({ valid }) => valid),
  };
}

/** The validity of simulations that come in parts, the first of them: `MOST` at most. */
export class ValidityRecord {
  readonly #parts: LabelledParameters[] = [];
  #size = 0;
  readonly #model: AnyModel;

  constructor(model: AnyModel) {
    this.#model = model;
  }

  add(simulated: SimulatedData): void {
    if (this.#size < MOST) this.#append(labelled(this.#model, simulated));
  }

  /** Whether some were not valid. */
  get hasInvalid(): boolean {
    return this.#parts.some(({ valid }) => valid.includes(0));
  }

  /** This one's, and then another's. */
  joined(next: ValidityRecord): ValidityRecord {
    const record = new ValidityRecord(this.#model);
    for (const part of [...this.#parts, ...next.#parts]) record.#append(part);
    return record;
  }

  #append(part: LabelledParameters): void {
    if (this.#size >= MOST) return;
    this.#parts.push(part);
    this.#size += part.valid.length;
  }

  all(): LabelledParameters {
    const joined = (pick: (part: LabelledParameters) => ArrayLike<number>): number[] =>
      this.#parts.flatMap((part) => Array.from(pick(part)));
    const kept = Math.min(MOST, this.#size);
    return {
      parameters: Float64Array.from(joined(({ parameters }) => parameters)).subarray(
        0,
        kept * this.#model.parameterSize,
      ),
      valid: Float32Array.from(joined(({ valid }) => valid)).subarray(0, kept),
    };
  }
}
