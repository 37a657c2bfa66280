/**
 * Linear mixed models by a formula.
 *
 *     y = X β + Z b + ε,      b_j ~ N(0, Σ),      ε ~ N(0, σ²)
 *
 * A network that was trained once, on models of all sorts, proposes standard deviations and correlations given a few numbers of the data and of the priors; the exact likelihood, of which β and b are integrated out,
 * weighs its proposals; β and b are drawn from what they are given the variances, which is normal. So the network can make an answer slow, or have it refused, but not wrong.
 *
 * Reference: metabeta, "Bayesian mixed-effects models by pretrained networks" (arXiv 2609.24422), for a pretrained network with priors among its inputs that importance sampling corrects; here it has nothing to learn of effects.
 */
import {
  InvalidArgumentError,
  load,
  Posterior,
  PosteriorBatch,
  PosteriorEstimator,
  Refusal,
  resample,
  stream,
  type Address,
} from "amortis";
import { parameterSlots, requireKnown, type Drawn, type KnownOptions } from "amortis/extend";
import { Coordinates, emptyVariances, MOST, SIZE } from "./coordinates.js";
import { correct, type Corrected } from "./correction.js";
import { defaultPriors, type MixedPriors } from "./default-priors.js";
import { designOf, type Design, type Table } from "./design.js";
import { featuresOf } from "./features.js";
import { parseFormula, type Formula } from "./formula.js";
import { Marginal } from "./marginal.js";
import { MixedPosterior, namesOf } from "./mixed-posterior.js";
import { pilotOf } from "./pilot.js";
import { limitsOf } from "./priors.js";
import { problemOf } from "./problem.js";
import { unitsOf } from "./units.js";

/** How a mixed model is answered. */
export interface LmmOptions {
  /** Priors; see `MixedPriors` for what they are where none are given. */
  readonly priors?: MixedPriors;
  /** Draws held by the posterior, 2,000 by default. */
  readonly samples?: number;
  /** Proposals of the network that are weighed, 2,000 by default. */
  readonly proposals?: number;
  readonly seed?: number;
  /** Draws by weights, or the states of independence Metropolis: "importance" by default. */
  readonly correction?: "importance" | "metropolis";
  /** The estimator, where it was loaded by `loadMixed`; by default the one that the package brings along. */
  readonly estimator?: MixedEstimator;
}

const KNOWN: KnownOptions<LmmOptions> = {
  priors: true,
  samples: true,
  proposals: true,
  seed: true,
  correction: true,
  estimator: true,
};

/** An estimator of coordinates of variances. */
export type MixedEstimator = PosteriorEstimator;

let usual: Promise<MixedEstimator> | undefined;

/**
 * Loads the estimator that the package brings along, or another one: in a page, from its URL or its bytes.
 *
 * @throws FileError where there is no such file; InvalidArgumentError where it is no estimator of mixed models.
 * @example const estimator = await loadMixed(new Uint8Array(await (await fetch("linear.amortis")).arrayBuffer()))
 */
export async function loadMixed(source?: Address | Uint8Array): Promise<MixedEstimator> {
  if (source !== undefined) return open(source);
  usual ??= open(new URL("../pretrained/linear.amortis", import.meta.url));
  return usual;
}

async function open(source: Address | Uint8Array): Promise<MixedEstimator> {
  // Where data are unlike what the network learned from, weights say whether that matters.
  const estimator = await load(source, { onWarning: () => undefined });
  if (estimator instanceof PosteriorEstimator && estimator.parameterNames.length === SIZE)
    return estimator;
  throw new InvalidArgumentError(
    "this is no estimator of the variances of mixed models: give one that models/mixed/scripts/train-estimator.ts has trained",
  );
}

/**
 * The posterior of a linear mixed model.
 *
 * @param formula as of lme4, with one grouping term of three effects at most: "y ~ x + (x | group)".
 * @param data columns by name: numbers, or labels of factors and groups.
 * @throws InvalidArgumentError where the formula or the data cannot be; Refusal where the answer could not be trusted.
 * @example
 * const posterior = await lmm("Reaction ~ Days + (Days | Subject)", sleepstudy);
 * posterior.mean().fixed.Days;
 * posterior.check;                    // { k: 0.1, effective: 1600, acceptance: 0.8, ... }
 */
export async function lmm(
  formula: string,
  data: Table,
  options: LmmOptions = {},
): Promise<MixedPosterior> {
  requireKnown("lmm", options, KNOWN);
  const { samples = 2_000, proposals = 2_000, seed = 0, correction = "importance" } = options;
  for (const [name, value] of Object.entries({ samples, proposals })) {
    if (Number.isInteger(value) && value >= 100) continue;
    throw new InvalidArgumentError(
      `lmm: ${name} must be a whole number from 100 on, but is ${value}`,
    );
  }
  const parsed = parseFormula(formula);
  const design = designOf(parsed, data);
  const { randomNames } = design;
  if (randomNames.length > MOST) {
    throw new InvalidArgumentError(
      `lmm: the formula "${formula}" has ${randomNames.length} random effects a group (${randomNames.join(", ")}), but ${MOST} at most can be answered`,
    );
  }
  const { fixed, variances: priors } = defaultPriors(parsed, design, options.priors);
  const problem = problemOf(design.observations, fixed);
  const units = unitsOf(problem.scale, problem.randomScale);
  const limits = limitsOf(priors, units);
  const marginal = new Marginal(problem);
  const pilot = pilotOf(marginal, limits);
  const coordinates = new Coordinates(problem, pilot, priors.correlated, limits);
  const features = featuresOf(problem, pilot, coordinates, priors, units);
  const estimator = options.estimator ?? (await loadMixed());
  const network = await estimator.given(
    { features },
    { samples: Math.ceil(0.9 * proposals), seed },
  );
  const room = emptyVariances(problem.q);
  const corrected = await correct(
    {
      draws: () => Promise.resolve(network.draws),
      logDensity: (z) => network.logDensities(z),
    },
    (z) =>
      Float64Array.from({ length: z.length / SIZE }, (_, i) => {
        coordinates.variances(z, room, i * SIZE);
        const prior = coordinates.logPrior(z, room, priors, units, i * SIZE);
        return prior === -Infinity
          ? prior
          : prior + marginal.logLikelihood(room.sigma, room.lambda);
      }),
    SIZE,
    proposals,
    stream(seed).split("correction"),
  );
  const slots = slotsOf(parsed, design);
  const size = slots.reduce((sum, slot) => sum + slot.size, 0);
  const noDensity = (): Refusal =>
    new Refusal(
      "the posterior of all effects has draws, but no density that is computed: ask logEvidence, or the draws",
    );
  const draw = (draws: number, by: number): Promise<Drawn> => {
    const random = stream(by).split("effects");
    const rows = chosen(corrected, correction, draws, random);
    const values = drawAll({ rows, corrected, coordinates, marginal, units, size }, random);
    const { k, effective } = corrected;
    return Promise.resolve({
      draws: values,
      answers: [
        { status: correction === "importance" ? "importance" : "mcmc", check: { k, effective } },
      ],
    });
  };
  const source = {
    slots,
    flatNames: slots.flatMap(({ name, shape, size: own }) =>
      shape.length === 0
        ? [name]
        : Array.from({ length: own }, (_, j) => `${name}[${design.levels[j] ?? j}]`),
    ),
    size: 1,
    draw,
    withoutDensity: noDensity,
    logDensity: () => Promise.reject(noDensity()),
  };
  const all = new Posterior(new PosteriorBatch(source, await draw(samples, seed), samples));
  const { k, effective, acceptance, rounds } = corrected;
  return new MixedPosterior(all, {
    formula: parsed,
    design,
    check: { k, effective, acceptance, proposals, rounds },
    logEvidence: corrected.logEvidence - problem.n * Math.log(problem.scale),
  });
}

/** Where each parameter lies in the flat vector. */
function slotsOf(formula: Formula, design: Design) {
  const { fixed, sd, correlation, groups } = namesOf(formula, design);
  const scalars = [
    ...Object.values(fixed),
    ...Object.values(sd),
    ...Object.values(correlation),
    "sigma",
  ];
  return parameterSlots([
    ...scalars.map((name) => ({ name, shape: [] })),
    ...Object.values(groups).map((name) => ({ name, shape: [design.levels.length] })),
  ]);
}

/** Places of proposals for so many draws. */
function chosen(
  { logWeights, chain }: Corrected,
  correction: "importance" | "metropolis",
  draws: number,
  random: ReturnType<typeof stream>,
): ArrayLike<number> {
  if (correction === "importance") return resample(logWeights.map(Math.exp), draws, random);
  return Uint32Array.from(
    { length: draws },
    (_, i) => chain[Math.floor((i * chain.length) / draws)] ?? 0,
  );
}

interface Drawing {
  readonly rows: ArrayLike<number>;
  readonly corrected: Corrected;
  readonly coordinates: Coordinates;
  readonly marginal: Marginal;
  readonly units: Float64Array;
  /** Numbers of a draw. */
  readonly size: number;
}

/** Draws of all parameters in units of the data, [draws, size]. */
function drawAll(
  { rows, corrected, coordinates, marginal, units, size }: Drawing,
  random: ReturnType<typeof stream>,
): Float64Array {
  const { p, q, groups, shift, scale, fixedScale } = marginal.problem;
  const variances = emptyVariances(q);
  const [fixed, effects] = [new Float64Array(p), new Float64Array(groups * q)];
  const values = new Float64Array(rows.length * size);
  // Draws of one proposal come after another, so that its algebra is done once.
  const order = Uint32Array.from(rows, (_, i) => i).toSorted(
    (a, b) => (rows[a] ?? 0) - (rows[b] ?? 0),
  );
  let last = -1;
  for (const i of order) {
    const row = rows[i] ?? 0;
    if (row !== last) {
      coordinates.variances(corrected.z, variances, row * SIZE);
      marginal.logLikelihood(variances.sigma, variances.lambda);
      last = row;
    }
    marginal.drawEffects(random, fixed, effects);
    let at = i * size;
    for (let k = 0; k < p; k++)
      values[at++] = (shift[k] ?? 0) + (scale * (fixed[k] ?? 0)) / (fixedScale[k] ?? 1);
    for (let k = 0; k < q; k++) values[at++] = (variances.sd[k] ?? 0) * (units[1 + k] ?? 1);
    if (coordinates.correlated) {
      for (let r = 0; r < q; r++) {
        for (let c = 0; c < r; c++) {
          let value = 0;
          for (let k = 0; k <= c; k++)
            value += (variances.lambda[r * q + k] ?? 0) * (variances.lambda[c * q + k] ?? 0);
          values[at++] = value / ((variances.sd[r] ?? 1) * (variances.sd[c] ?? 1));
        }
      }
    }
    values[at++] = variances.sigma * (units[0] ?? 1);
    for (let k = 0; k < q; k++) {
      for (let j = 0; j < groups; j++)
        values[at++] = (effects[j * q + k] ?? 0) * (units[1 + k] ?? 1);
    }
  }
  return values;
}
