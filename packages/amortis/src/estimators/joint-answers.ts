/**
 * Draws and densities of what is asked of a joint distribution, in the numbers' own units, block after block of rows.
 */
import { floatsOf } from "./results.js";
import { blocks, type Block } from "./calls.js";
import type { Floats } from "../data/layout.js";
import { baseNoise, noiseStreams } from "./drawing.js";
import type { DensityOfRows, JointFlow } from "./joint-flow.js";
import {
  networkRows,
  type AnswerPlaces,
  type QuestionRows,
  type Questions,
} from "./joint-questions.js";
import type { JointSpace } from "./joint-space.js";

/** How draws are made. */
export interface Drawing {
  readonly draws: number;
  readonly seed: number;
  readonly steps: number;
}

/** Variables of all rows that one call of the network takes: what it works on then stays in the processor's caches. */
const VARIABLES_PER_CALL = 2 ** 14;

/** Answers by a flow in a space. */
export class JointAnswers {
  readonly #space: JointSpace;
  readonly #flow: JointFlow;
  readonly #exact: boolean;

  /** @param exact whether draws are kept in double precision. */
  constructor(space: JointSpace, flow: JointFlow, exact: boolean) {
    this.#space = space;
    this.#flow = flow;
    this.#exact = exact;
  }

  /** Draws for the questions [start, end): [end - start, draws, places]. What is known is in them as it was given. */
  async draw(
    questions: Questions,
    { places }: AnswerPlaces,
    { draws, seed, steps }: Drawing,
    start: number,
    end: number,
  ): Promise<Floats> {
    const { variables: m, numbers } = this.#space;
    const length = (end - start) * draws * places.length;
    const result = this.#exact ? new Float64Array(length) : new Float32Array(length);
    // A stream a question, so that a draw does not depend on what else is asked; it goes on from piece to piece.
    let streams = noiseStreams(seed, start, start, 0);
    for (const { from, to, first, last } of blocks(start, end, draws, this.#rowsPerCall())) {
      if (first === 0) streams = noiseStreams(seed, from, to, 0);
      const each = last - first;
      const rows = networkRows(this.#space, questions, from, to, each);
      const noise = floatsOf({ noise: baseNoise(streams, "normal", each, m) }, "noise");
      const values = this.#space.toNumbers(await this.#flow.draw(rows, noise, { steps }));
      for (let row = 0; row < (to - from) * each; row++) {
        const question = from + Math.floor(row / each);
        const at = ((question - start) * draws + first + (row % each)) * places.length;
        for (const [i, place] of places.entries()) {
          const given = questions.known[question * numbers + place] ?? Number.NaN;
          result[at + i] = Number.isNaN(given) ? (values[row * numbers + place] ?? 0) : given;
        }
      }
    }
    return result;
  }

  /** Rows of numbers with what is asked, from flat answers [(end - start) · each, places] to questions from `start` on. */
  full(
    { known }: Questions,
    { places }: AnswerPlaces,
    answers: Floats,
    start: number,
    each: number,
  ): Float64Array {
    const { numbers } = this.#space;
    const count = answers.length / places.length;
    const full = new Float64Array(count * numbers);
    for (let row = 0; row < count; row++) {
      const question = start + Math.floor(row / each);
      full.set(known.subarray(question * numbers, (question + 1) * numbers), row * numbers);
      for (const [i, place] of places.entries()) {
        if (!Number.isNaN(full[row * numbers + place] ?? 0)) continue;
        full[row * numbers + place] = answers[row * places.length + i] ?? Number.NaN;
      }
    }
    return full;
  }

  /**
   * Log-densities of what is asked, in its own units; -Infinity outside the support.
   *
   * @param full rows of numbers, `each` of every question from `start` on.
   */
  async densities(
    questions: Questions,
    start: number,
    full: Float64Array,
    each: number,
    steps: number,
  ): Promise<DensityOfRows> {
    const { numbers, k } = this.#space;
    const total = full.length / numbers;
    const [value, error] = [new Float64Array(total), new Float64Array(total)];
    // A row is as many as it has directions.
    const most = Math.max(1, Math.floor(this.#rowsPerCall() / Math.max(1, k)));
    for (const block of blocks(0, total / each, each, most)) {
      const begin = block.from * each + block.first;
      const found = await this.#block(questions, start, full, each, block, steps);
      value.set(found.value, begin);
      error.set(found.error, begin);
    }
    return { value, error };
  }

  async #block(
    questions: Questions,
    start: number,
    full: Float64Array,
    each: number,
    { from, to, first, last }: Block,
    steps: number,
  ): Promise<DensityOfRows> {
    const { numbers, variables: m } = this.#space;
    const begin = (from * each + first) * numbers;
    const part = full.subarray(begin, begin + (to - from) * (last - first) * numbers);
    const rows = networkRows(this.#space, questions, start + from, start + to, last - first, part);
    const outside = outsideOf(rows, m);
    for (const row of outside) rows.values.fill(0, row * m, (row + 1) * m);
    const { value, error } = await this.#flow.logDensity(rows, { steps });
    for (let row = 0; row < value.length; row++) {
      const slope = this.#space.logSlope(
        part.subarray(row * numbers, (row + 1) * numbers),
        rows.variables.subarray(row * m, (row + 1) * m),
        Uint8Array.from({ length: m }, (_, j) => (isAsked(rows, row * m + j) ? 1 : 0)),
      );
      value[row] = outside.has(row) ? -Infinity : (value[row] ?? 0) - slope;
      if (outside.has(row)) error[row] = 0;
    }
    return { value, error };
  }

  #rowsPerCall(): number {
    return Math.max(1, Math.floor(VARIABLES_PER_CALL / this.#space.variables));
  }
}

/** Rows of which something that is known or asked is no number: it lies outside a support. */
function outsideOf({ here, variables }: QuestionRows, m: number): ReadonlySet<number> {
  const outside = new Set<number>();
  for (const [i, is] of here.entries()) {
    if (is === 1 && !Number.isFinite(variables[i])) outside.add(Math.floor(i / m));
  }
  return outside;
}

function isAsked({ known, here }: QuestionRows, i: number): boolean {
  return here[i] === 1 && known[i] !== 1;
}
