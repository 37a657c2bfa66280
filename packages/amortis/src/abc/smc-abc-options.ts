/**
 * What sequential approximate Bayesian computation is told.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { DataTransform } from "../networks/index.js";
import { requireDraws } from "../posterior/held-draws.js";
import type { StopSignal } from "../stop-signal.js";
import type { Adjustment } from "./adjust.js";
import type { DistanceKind } from "./distance.js";

/** How a posterior is found. */
export interface SmcAbcOptions {
  /** Summaries in the place of the data, an expert's or a learned one (`learned.transform()`); by default the data themselves. */
  readonly transform?: DataTransform;
  /** Simulations for each data set, at most; 100,000 by default. */
  readonly simulations?: number;
  /** N, 1,000 by default. */
  readonly particles?: number;
  /** α, the share of each round that is kept; 0.5 by default. */
  readonly keep?: number;
  /** Rounds end where fewer proposals than this share come within the tolerance of the round before; 0.03 by default. */
  readonly leastAcceptance?: number;
  /** How the last population is adjusted; "heteroscedastic" by default. */
  readonly adjustment?: Adjustment;
  readonly distance?: DistanceKind;
  /** Draws of each posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  readonly workers?: number;
  /** Stops it between simulations. */
  readonly signal?: StopSignal;
  /** Hears after each round how many simulations are done, of how many at most. */
  readonly onProgress?: (done: number, total: number) => void;
}

const KNOWN: KnownOptions<SmcAbcOptions> = {
  transform: true,
  simulations: true,
  particles: true,
  keep: true,
  leastAcceptance: true,
  adjustment: true,
  distance: true,
  samples: true,
  seed: true,
  workers: true,
  signal: true,
  onProgress: true,
};

/** Options with defaults filled in. */
export type SmcAbcSettings = ReturnType<typeof resolveSmcAbc>;

/** @throws InvalidArgumentError where one is unknown or out of range. */
export function resolveSmcAbc(options: SmcAbcOptions) {
  requireKnown("smcAbc", options, KNOWN);
  const {
    simulations = 100_000,
    particles = 1_000,
    keep = 0.5,
    leastAcceptance = 0.03,
    adjustment = "heteroscedastic",
    distance = "mad",
    samples = 1_000,
    seed = 0,
  } = options;
  const first = Math.ceil(particles / keep);
  const holds: readonly (readonly [boolean, string])[] = [
    [
      Number.isInteger(particles) && particles >= 50,
      `particles must be 50 or more, but are ${particles}`,
    ],
    [keep > 0 && keep < 1, `keep must be a share between 0 and 1, but is ${keep}`],
    [
      leastAcceptance > 0 && leastAcceptance < 1,
      `leastAcceptance must be a share between 0 and 1, but is ${leastAcceptance}`,
    ],
    [
      Number.isInteger(simulations) && simulations >= first,
      `simulations must be ${first} or more, which ${particles} particles at keep ${keep} begin with, but are ${simulations}`,
    ],
  ];
  const wrong = holds.find(([isRight]) => !isRight);
  if (wrong !== undefined) throw new InvalidArgumentError(`smcAbc: ${wrong[1]}`);
  requireDraws(samples);
  return {
    ...options,
    simulations,
    particles,
    keep,
    leastAcceptance,
    adjustment,
    distance,
    samples,
    seed,
    first,
  };
}
