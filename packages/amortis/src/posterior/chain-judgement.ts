/**
 * Whether the chains of one data set are trusted.
 *
 * They are where R̂ < 1.05 and effective sizes of the bulk and of the tails are 100 or more for every parameter, for the log density, and for being at each of the places that
 * scouts found; and where no draw of the prior knows of mass that chains were not offered. Of what they were offered, p(θ, Z) / q(θ) has the mean p(Z);
 * draws of the prior, which have mean p(Z | θ) = p(Z) as well, are each of them a share of it. A draw whose posterior density is many times that of q lies where no scout was: if
 * such draws hold a share of the evidence, a mode was not seen. Nor were all where many scouts are alone at the place that they found: more are sent then.
 */
import { convergence } from "../diagnostics/convergence.js";
import { Refusal } from "./refusal.js";
import { describePoint } from "./target.js";

/** Chains agree below this R̂. */
const AGREE = 1.05;
/** Effective draws of all chains together: a quantile's error is a tenth of the posterior's spread then. */
const WORTH = 100;

/** Places with a smaller share of the draws, or a larger one, are not looked at by themselves. */
const SHARE = 0.01;

/** Of how many equal weights the offers have to be worth for their mean to be called evidence: it errs by a fifth then. */
const KNOWN = 25;

/** Density of the posterior, of that of offers, from which on a draw of the prior lies where nothing was offered. */
const NOT_OFFERED = 20;

/** Share of the evidence that draws of the prior may hold there. */
const UNSEEN = 0.05;

/** Share of scouts that may be alone at a place: others are likely to have been found by none. */
const ALONE = 0.15;

/** What chains of one data set left. */
export interface ChainRecord {
  /** Of each parameter, the worst counts. */
  readonly rHat: Float64Array;
  readonly bulkEss: Float64Array;
  readonly tailEss: Float64Array;
  /** Of each chain's draws: log densities, and the place that each is at. */
  readonly logDensities: readonly Float64Array[];
  readonly places: readonly Float64Array[];
  /** log p(u, Z) - log q(u) of what chains were offered. */
  readonly offers: readonly number[];
  /** Share of the scouts that are alone where they are. */
  readonly alone: number;
}

/** A draw of the prior as chains would see it. */
export interface PriorDraw {
  readonly parameters: Float64Array;
  /** log p(Z | θ), and what log p(u, Z) - log q(u) is there. */
  readonly term: number;
  readonly offer: number;
}

/** What is thought of chains. */
export interface Judgement {
  readonly trusted: boolean;
  readonly rHat: number;
  readonly bulkEss: number;
  readonly tailEss: number;
  /** log p(Z), where offers are worth enough, and of how many equal ones. */
  readonly logEvidence: number;
  readonly worth: number;
  /** The share of the evidence where nothing was offered, and the draw of the prior that has most of it. */
  readonly unseen: number;
  readonly where?: PriorDraw;
  /** Whether so many scouts are alone at a place that there are likely to be more places than were found. */
  readonly missed: boolean;
}

/** @param prior draws of it with any likelihood, of so many in all. */
export function judgeChains(
  record: ChainRecord,
  prior: readonly PriorDraw[],
  priorDraws: number,
): Judgement {
  const others = [record.logDensities, ...indicators(record.places)].map((chains) =>
    convergence(chains),
  );
  const known = others.filter(({ rHat }) => !Number.isNaN(rHat));
  const worst = (
    own: Float64Array,
    of: "rHat" | "bulkEss" | "tailEss",
    best: (...values: number[]) => number,
  ) => best(...own, ...known.map((found) => found[of]));
  const rHat = worst(record.rHat, "rHat", Math.max);
  const bulkEss = worst(record.bulkEss, "bulkEss", Math.min);
  const tailEss = worst(record.tailEss, "tailEss", Math.min);
  const { logMean, worth } = weighOffers(record.offers);
  const unseen = worth >= KNOWN ? unseenMass(prior, priorDraws, logMean) : { share: 0 };
  // Written so that a NaN is not trusted.
  const isSound = rHat < AGREE && bulkEss >= WORTH && tailEss >= WORTH;
  const missed = record.alone > ALONE;
  return {
    trusted: isSound && unseen.share <= UNSEEN && !missed,
    missed,
    rHat,
    bulkEss,
    tailEss,
    logEvidence: logMean,
    worth,
    unseen: unseen.share,
    ...("where" in unseen && { where: unseen.where }),
  };
}

/** Whether draws are at each place that is worth a look, as zeros and ones. */
function indicators(places: readonly Float64Array[]): readonly (readonly Float64Array[])[] {
  const counts = new Map<number, number>();
  for (const place of places.flatMap((chain) => [...chain])) {
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  return [...counts]
    .filter(([, count]) => count > SHARE * total && count < (1 - SHARE) * total)
    .map(([place]) => places.map((chain) => chain.map((at) => (at === place ? 1 : 0))));
}

/** Logarithm of the mean of weights, and of how many equal ones they are worth. */
function weighOffers(offers: readonly number[]): {
  readonly logMean: number;
  readonly worth: number;
} {
  const finite = offers.map((offer) => (offer < Infinity ? offer : -Infinity));
  const largest = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) return { logMean: Number.NaN, worth: 0 };
  const weights = finite.map((offer) => Math.exp(offer - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  const squares = weights.reduce((a, b) => a + b * b, 0);
  return { logMean: largest + Math.log(sum / offers.length), worth: sum ** 2 / squares };
}

function unseenMass(prior: readonly PriorDraw[], count: number, logEvidence: number) {
  const share = ({ term }: PriorDraw): number => Math.exp(term - logEvidence) / count;
  const notOffered = prior.filter(({ offer }) => offer - logEvidence > Math.log(NOT_OFFERED));
  const [where] = notOffered.toSorted((a, b) => b.term - a.term);
  const sum = notOffered.reduce((total, draw) => total + share(draw), 0);
  return where === undefined ? { share: sum } : { share: sum, where };
}

/** Why the chains of a data set are not trusted. */
export function untrusted(
  dataSet: number,
  iterations: number,
  names: readonly string[],
  { rHat, bulkEss, tailEss, unseen, where, missed: isManifold }: Judgement,
): Refusal {
  const missed =
    where === undefined || unseen <= UNSEEN
      ? ""
      : `; a draw of the prior at ${describePoint(names, where.parameters)} has mass about it that no chain was offered`;
  const more = isManifold
    ? "; what looked for modes found most of them once, so that there are likely to be others that no chain saw"
    : "";
  return new Refusal(
    `Markov chains of data set ${dataSet} cannot be trusted after ${iterations} iterations: R̂ is ${rHat.toFixed(2)} (it must be below ${AGREE}), and draws are worth ${bulkEss.toFixed(0)} in the bulk and ${tailEss.toFixed(0)} in the tails (at least ${WORTH})${missed}${more}; look for several modes or parameters that the data cannot tell apart, or ask for method "importance" or, of one or two parameters, "grid"`,
    { because: "Markov chains do not agree" },
  );
}
