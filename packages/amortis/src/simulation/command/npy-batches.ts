/**
 * Batches of simulations as arrays in NumPy's format, one after another, without anything between them.
 *
 * For each batch the program reads parameters, float64 [n, p], and seeds, float64 [n] (whole numbers below 2^53), and writes an array [n, ...shape] for each
 * data array, in the model's order: float32, float64, integers or booleans. Named sizes come as a third array [n, sizes], where the model has any.
 */
import { encodeNpy, npyLength, parseNpy } from "../../files/npy.js";
import { sizeOf } from "../../data/shape.js";
import type { ExternalOutcome } from "../../model/external.js";
import type { AnyModel } from "../../model/index.js";
import type { Column } from "../../data/data-sets.js";
import { JunkError, type AnswerReader, type Protocol } from "./protocol.js";

/** The protocol for a model. */
export function npyBatches(model: AnyModel): Protocol {
  const p = model.parameterSize;
  const sizes = Object.keys(model.sizes);
  return {
    oneByOne: false,
    encode: (requests) => {
      const n = requests.length;
      const parameters = new Float64Array(n * p);
      for (const [i, { theta }] of requests.entries()) parameters.set(theta, i * p);
      const counts = requests.flatMap((one) => sizes.map((name) => one.sizes[name] ?? 0));
      const arrays = [
        encodeNpy({ shape: [n, p], data: parameters }),
        encodeNpy({ shape: [n], data: Float64Array.from(requests, ({ seed }) => seed) }),
        ...(sizes.length > 0
          ? [encodeNpy({ shape: [n, sizes.length], data: Float64Array.from(counts) })]
          : []),
      ];
      return joined(arrays);
    },
    read: (requests, answer) => new BatchReader(model, requests.length, answer),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

class BatchReader implements AnswerReader {
  readonly #shapes: readonly (readonly [string, readonly number[]])[];
  readonly #n: number;
  readonly #answer: (i: number, outcome: ExternalOutcome) => void;
  readonly #arrays: Record<string, Column> = {};
  readonly #most: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes that there must be before it is worth looking. */
  #wanted = 0;

  constructor(
    { dataShapes }: AnyModel,
    n: number,
    answer: (i: number, outcome: ExternalOutcome) => void,
  ) {
    this.#shapes = Object.entries(dataShapes);
    this.#n = n;
    this.#answer = answer;
    this.#most = this.#shapes.reduce((sum, [, shape]) => sum + 8 * n * sizeOf(shape) + 2 ** 17, 0);
  }

  take(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length > this.#most) throw new JunkError("the program wrote more than its answer");
    if (this.#length < this.#wanted) return;
    let all = joined(this.#parts);
    for (;;) {
      const next = this.#shapes[Object.keys(this.#arrays).length];
      if (next === undefined) {
        if (all.length > 0) throw new JunkError("the program wrote more than its answer");
        break;
      }
      const read = this.#next(all, next);
      if (read === undefined) break;
      all = all.subarray(read);
    }
    this.#parts = [all];
    this.#length = all.length;
    if (Object.keys(this.#arrays).length === this.#shapes.length) this.#finish();
  }

  /** Bytes that an array took; undefined where it is not there as a whole yet. */
  #next(
    bytes: Uint8Array,
    [name, shape]: readonly [string, readonly number[]],
  ): number | undefined {
    const what = `the array "${name}" that the program wrote`;
    const length = orJunk(() => npyLength(bytes, what));
    if (length !== undefined && length > this.#most) {
      throw new JunkError(`${what} is larger than its answer may be`);
    }
    this.#wanted = length ?? bytes.length + 1;
    if (bytes.length < this.#wanted) return undefined;
    const array = orJunk(() => parseNpy(bytes.subarray(0, length), what));
    if (array.shape[0] !== this.#n || array.data.length !== this.#n * sizeOf(shape)) {
      throw new JunkError(
        `${what} must be [${[this.#n, ...shape].join(", ")}], but is [${array.shape.join(", ")}]`,
      );
    }
    this.#arrays[name] = array.data;
    this.#wanted = 0;
    return length;
  }

  #finish(): void {
    for (let i = 0; i < this.#n; i++) {
      const row = this.#shapes.map(([name, shape]) => {
        const width = sizeOf(shape);
        return [name, this.#arrays[name]?.subarray(i * width, (i + 1) * width)] as const;
      });
      this.#answer(i, { output: Object.fromEntries(row) });
    }
  }
}

function orJunk<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new JunkError(error instanceof Error ? error.message : String(error));
  }
}
