/**
 * Draws that a posterior holds: how many there may be, and how they are asked for.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Floats } from "../data/layout.js";
import type { Drawn, PosteriorSource } from "./posterior-source.js";
import type { Answer } from "./refusal.js";

/** Numbers that all draws of an answer may have together: 4 GiB of them. */
const MOST_NUMBERS = 2 ** 30;

/** Data sets that are answered between two reports. */
const STEP = 128;

/** Draws of all data sets, a few at a time: none depends on what else is asked. */
export async function drawInSteps(
  source: PosteriorSource,
  draws: number,
  seed: number,
  onProgress: (done: number, total: number) => void,
): Promise<Drawn> {
  const { size, flatNames } = source;
  if (source.reports === true) {
    return source.draw(draws, seed, 0, size, (share) => {
      onProgress(share * size, size);
    });
  }
  const numbers = size * draws * flatNames.length;
  let all: Floats = new Float32Array(0);
  const answers: Answer[] = [];
  for (let start = 0; start < size; start += STEP) {
    const end = Math.min(start + STEP, size);
    const drawn = await source.draw(draws, seed, start, end);
    if (start === 0) all = emptyLike(drawn.draws, numbers);
    all.set(drawn.draws, start * draws * flatNames.length);
    answers.push(...drawn.answers);
    onProgress(end, size);
  }
  return { draws: all, answers };
}

/** Numbers of the same precision: parameters on an offset are in double. */
function emptyLike(draws: Floats, length: number): Floats {
  return draws instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

/**
 * @param draws of each data set.
 * @param sets the number of data sets, where it is known.
 * @param parameters the number of flat parameters.
 * @throws InvalidArgumentError unless a number of draws is a whole number from 1 on, and all draws together fit the memory.
 */
export function requireDraws(draws: number, sets = 1, parameters = 1): void {
  if (!(Number.isSafeInteger(draws) && draws >= 1)) {
    throw new InvalidArgumentError(
      `the number of draws must be a whole number from 1 on, but ${draws} was given`,
    );
  }
  if (draws * sets * parameters > MOST_NUMBERS) {
    throw new InvalidArgumentError(
      `${draws} draws of ${parameters} parameter(s) for ${sets} data set(s) are more than ${MOST_NUMBERS} numbers: ask for fewer draws, or of fewer data sets at once`,
    );
  }
}
