/**
 * Sources of one data set each, as one of all.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { PosteriorSource } from "./posterior-source.js";

/**
 * @param sources of the same parameters.
 * @throws InvalidArgumentError where there are none.
 */
export function sideBySide(sources: readonly PosteriorSource[]): PosteriorSource {
  const [first] = sources;
  if (first === undefined) throw new InvalidArgumentError("there are no data sets");
  const p = first.flatNames.length;
  return {
    slots: first.slots,
    flatNames: first.flatNames,
    size: sources.length,
    draw: async (draws, seed, start, end) => {
      const all = new Float64Array((end - start) * draws * p);
      for (let i = start; i < end; i++) {
        const drawn = await sources[i]?.draw(draws, seed + i, 0, 1);
        all.set(drawn?.draws ?? [], (i - start) * draws * p);
      }
      const answers = Array.from({ length: end - start }, () => ({ status: "amortized" }) as const);
      return { draws: all, answers };
    },
    logDensity: async (parameters, start, end) => {
      const each = parameters.length / ((end - start) * p);
      const all = new Float64Array((end - start) * each);
      for (let i = start; i < end; i++) {
        const own = parameters.subarray((i - start) * each * p, (i - start + 1) * each * p);
        all.set((await sources[i]?.logDensity(own, 0, 1)) ?? [], (i - start) * each);
      }
      return all;
    },
  };
}
