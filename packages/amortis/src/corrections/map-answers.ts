/**
 * Sources whose answers are looked at again.
 */
import type { PosteriorSource } from "../posterior/posterior-source.js";
import type { Answer } from "../posterior/refusal.js";

/** The same source with other answers; those that are refused then have NaN for their draws. */
export function mapAnswers(
  source: PosteriorSource,
  map: (
    answers: readonly Answer[],
    seed: number,
    start: number,
  ) => readonly Answer[] | Promise<readonly Answer[]>,
): PosteriorSource {
  return {
    ...source,
    draw: async (draws, seed, start, end, report) => {
      const drawn = await source.draw(draws, seed, start, end, report);
      const answers = await map(drawn.answers, seed, start);
      const span = draws * source.flatNames.length;
      for (const [i, { refusal }] of answers.entries()) {
        if (refusal !== undefined) drawn.draws.fill(Number.NaN, i * span, (i + 1) * span);
      }
      return { draws: drawn.draws, answers };
    },
  };
}
