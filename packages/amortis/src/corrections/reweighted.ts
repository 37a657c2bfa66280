/**
 * An amortized answer corrected by importance: its draws resampled by Pareto-smoothed weights, where these are trusted.
 *
 * They are where the shape of their tail is below `trustedShape` and they are worth enough draws; where they are worth too few, more are made. Corrected draws have no error but that of
 * their number; a data set whose weights are not trusted is refused.
 */
import { stream } from "../random/index.js";
import { resample } from "../samplers/resample.js";
import { trustedShape } from "../samplers/pareto-smooth.js";
import type { Drawn, PosteriorSource } from "../posterior/posterior-source.js";
import { DrawnBatch } from "../posterior/drawn-batch.js";
import { Refusal } from "../posterior/refusal.js";
import { logPosterior } from "../posterior/target.js";
import { checkOf, isTrusted } from "./checks.js";
import type { CorrectionTarget } from "./correction-target.js";
import {
  FIRST_DRAWS,
  weighDraws,
  weighFirst,
  type KnownWeights,
  type WeighedDraws,
} from "./weigh.js";

/** Draws of the networks that are weighted at most. */
const MOST_DRAWS = 16_000;

/** Of how many equal weights they have to be worth: a distribution function then errs by less than 0.1 in 999 of 1,000 cases. */
const WORTH = 400;

/**
 * Posteriors by weighted draws of an amortized answer.
 *
 * @param known weights that there are already, of `FIRST_DRAWS` draws and the same seed.
 */
export function reweighted(
  target: CorrectionTarget,
  known: KnownWeights = () => undefined,
): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  /** By the first draws of each data set: a density does not depend on what is drawn later. */
  const evidence = new Map<number, number>();

  /** Weights worth enough, or why there are none. */
  async function settle(
    dataSet: number,
    seed: number,
    first: number,
  ): Promise<WeighedDraws | Refusal> {
    for (let count = first; ; count *= 2) {
      const [found] =
        count === FIRST_DRAWS
          ? [await weighFirst(target, dataSet, seed, known)]
          : await weighDraws(target, count, seed, dataSet, dataSet + 1);
      if (found === undefined) throw new TypeError("there is one data set");
      if (found instanceof Refusal) return found;
      if (!isTrusted(found)) return untrusted(dataSet, found);
      if (found.effective >= WORTH) return found;
      if (2 * count > MOST_DRAWS) return tooFew(dataSet, found);
    }
  }

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const batch = new DrawnBatch(end - start, draws, p);
    const random = stream(seed).split("resampled");
    const first = draws <= FIRST_DRAWS ? FIRST_DRAWS : Math.min(draws, MOST_DRAWS);
    for (let i = start; i < end; i++) {
      const found = await settle(i, seed, first);
      if (found instanceof Refusal) {
        batch.refuse(found);
        continue;
      }
      if (!evidence.has(i)) evidence.set(i, found.logEvidence);
      const rows = resample(found.logWeights.map(Math.exp), draws, random.split(i));
      const answer = { status: "importance", label: "corrected", check: checkOf(found) } as const;
      batch.choose(answer, found.parameters, rows);
    }
    return batch.drawn;
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    logDensity: (parameters, start, end) =>
      logPosterior(target, parameters, start, end, (i) => evidence.get(i) ?? Number.NaN),
  };
}

function untrusted(dataSet: number, { k, effective, logWeights }: WeighedDraws): Refusal {
  const limit = trustedShape(logWeights.length);
  return new Refusal(
    `importance weights of data set ${dataSet} cannot be trusted: the shape k of their tail is ${k.toFixed(2)} (it must be below ${limit.toFixed(2)}), and they are worth ${effective.toFixed(0)} draws; ask for answer "mcmc"`,
    { because: "importance weights with a heavy tail" },
  );
}

function tooFew(dataSet: number, { effective, logWeights }: WeighedDraws): Refusal {
  return new Refusal(
    `importance weights of data set ${dataSet} are worth ${effective.toFixed(0)} draws of ${logWeights.length} (at least ${WORTH}); ask for answer "mcmc"`,
    { because: "importance weights worth too few draws" },
  );
}
