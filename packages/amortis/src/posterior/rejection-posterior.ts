/**
 * Posteriors by rejection: draws of the prior, each of which is taken with a probability in proportion to its likelihood (or ratio).
 *
 *     take θ ~ p(θ) where log v < log p(Z | θ) - b,   v ~ U(0, 1),   b ≥ max log p(Z | θ)
 *
 * Draws are independent and exact as far as b is a bound. It is the largest term that was met, by the prior's draws and by a climb from the best of them; where a later draw is above it, b rises, and what was taken is
 * held against the new one with its own v, so that all are taken by one bound in the end. The work is bounded: after so many proposals an answer stands, with what share was accepted, or is refused. It cannot hang, as
 * rejection does that waits for its draws.
 *
 * Reference: von Neumann 1951; Caffo, Booth & Davis 2002, "Empirical supremum rejection sampling", Biometrika 89, 745, for bounds that are found on the way.
 */
import type { Bijection, Distribution } from "../distributions/index.js";
import { stream, type Stream } from "../random/index.js";
import { resample } from "../samplers/resample.js";
import { climb } from "./climb.js";
import { DrawnBatch } from "./drawn-batch.js";
import type { PosteriorSource } from "./posterior.js";
import { Refusal, refusalOf, type Answer } from "./refusal.js";
import { logPosterior, nowhere, type TermsTarget } from "./target.js";
import { drawPrior, requireNumbers } from "./weights.js";

/** Of what is accepted. */
export interface RejectionTarget extends TermsTarget {
  readonly prior: Pick<Distribution, "sample" | "logDensity">;
  /** The unconstrained space in which the bound is climbed to; undefined of discrete parameters. */
  readonly bijection: Bijection | undefined;
}

/** Proposals of a round, and rounds at most. */
const PROPOSALS = 20_000;
const ROUNDS = 25;
/** Fewest draws that are an answer. */
const FEWEST = 50;

/** Draws that are taken so far, and by what bound. */
interface Taken {
  readonly rows: readonly { readonly theta: Float64Array; readonly log: number }[];
  readonly bound: number;
  readonly proposals: number;
  /** log Σ exp(term) of all proposals. */
  readonly logSum: number;
}

/** Posteriors by rejection from the prior. */
export function rejectionPosterior(target: RejectionTarget): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  const logEvidence = new Map<number, number>();

  /** @throws Refusal where too few are taken. */
  async function answer(draws: number, random: Stream, dataSet: number): Promise<Taken> {
    let taken: Taken = { rows: [], bound: -Infinity, proposals: 0, logSum: -Infinity };
    for (let round = 0; round < ROUNDS && taken.rows.length < draws; round++) {
      taken = await accept(target, taken, random.split(round), dataSet);
    }
    const { rows, proposals, bound, logSum } = taken;
    if (bound === -Infinity) throw nowhere(dataSet, `at ${proposals} draws of the prior`);
    logEvidence.set(dataSet, logSum - Math.log(proposals));
    if (rows.length >= Math.min(FEWEST, draws)) return taken;
    throw new Refusal(
      `of ${proposals} draws of the prior ${rows.length} are accepted for data set ${dataSet}, but ${FEWEST} are the fewest that answer: its posterior is much narrower than the prior; ask for method "mcmc", or, of one or two parameters, "grid"`,
      { because: "too few draws are accepted" },
    );
  }

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const batch = new DrawnBatch(end - start, draws, p);
      for (let set = start; set < end; set++) {
        const random = stream(seed).split("rejection").split(set);
        const found = await answer(draws, random, set).catch(refusalOf);
        if (found instanceof Refusal) batch.refuse(found);
        else {
          const { rows, proposals } = found;
          const accepted = new Float64Array(rows.length * p);
          for (const [i, { theta }] of rows.entries()) accepted.set(theta, i * p);
          const chosen = placesOf(rows.length, draws, random.split("draws"));
          batch.choose(answerOf(rows.length, draws, proposals), accepted, chosen);
        }
      }
      return batch.drawn;
    },
    logDensity: async (parameters, start, end) => {
      for (let set = start; set < end; set++) {
        if (logEvidence.has(set)) continue;
        // Draws of its own, so that a density does not depend on what was drawn before.
        const random = stream("rejection").split("evidence").split(set);
        await answer(FEWEST, random, set).catch(refusalOf);
      }
      return logPosterior(target, parameters, start, end, (set) => logEvidence.get(set) ?? NaN);
    },
  };
}

/** A round of proposals beside what was taken before. */
async function accept(
  target: RejectionTarget,
  before: Taken,
  random: Stream,
  dataSet: number,
): Promise<Taken> {
  const { prior, flatNames, logTerms, expect, bijection } = target;
  const p = flatNames.length;
  const theta = drawPrior(prior, PROPOSALS, p, random.split("proposals"));
  const ask = async (of: Float64Array): Promise<Float64Array> => {
    expect?.(of.length / p);
    const terms = await logTerms(of, dataSet, dataSet + 1);
    requireNumbers(terms, dataSet, flatNames, of);
    return terms;
  };
  const terms = await ask(theta);
  const largest = terms.reduce((a, b) => Math.max(a, b), before.bound);
  // One climb is enough: later rounds raise the bound by what they meet.
  const bound =
    before.proposals === 0 && bijection !== undefined && largest > -Infinity
      ? await climb({ theta, terms, bijection, prior, ask }, random.split("climb"))
      : largest;
  const chance = random.split("chance");
  const met = Array.from(terms, (term, i) => ({
    theta: theta.subarray(i * p, (i + 1) * p),
    // Taken where this is at least the bound.
    log: term - Math.log(chance.uniform()),
  }));
  const top = Math.max(before.logSum, bound);
  const sum = terms.reduce((total, term) => total + Math.exp(term - top), 0);
  return {
    rows: [...before.rows, ...met].filter(({ log }) => log >= bound),
    bound,
    proposals: before.proposals + PROPOSALS,
    logSum: top === -Infinity ? top : top + Math.log(Math.exp(before.logSum - top) + sum),
  };
}

/** Which of the accepted rows are drawn: each once while there are enough. */
function placesOf(rows: number, draws: number, random: Stream): Uint32Array {
  if (rows >= draws) return random.permutation(rows).subarray(0, draws);
  return resample(new Float64Array(rows).fill(1 / rows), draws, random);
}

function answerOf(accepted: number, draws: number, proposals: number): Answer {
  const check = { acceptance: accepted / proposals, effective: Math.min(accepted, draws) };
  if (accepted >= draws) return { status: "rejection", check };
  return {
    status: "rejection",
    check,
    note: `${accepted} of ${proposals} draws of the prior were accepted, so that draws repeat: ask for fewer, or for method "mcmc"`,
  };
}
