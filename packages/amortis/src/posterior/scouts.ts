/**
 * Where a posterior has its mass: scouts walk from many starts, each in the mode that it finds, and their moments make a mixture that knows all of them.
 *
 * Scouts whose means are closer than their own spread are one place. The mixture has a t distribution for each place, as wide as the scouts there walked,
 * weighted by how many found it and by its mass were it normal; and one over all starts, in case. It is what chains are offered jumps of.
 */
import { choleskyFactor, solveLower } from "../math/index.js";
import { ChainMoments } from "../samplers/chain-moments.js";
import { randomWalk } from "../samplers/random-walk.js";
import { runChains, type ChainOptions } from "../samplers/run-chains.js";
import { TMixture, type Component } from "../samplers/t-mixture.js";
import type { LogTarget } from "../samplers/target.js";

/** Scouts of a data set, at first. */
export const SCOUTS = 12;

/** Iterations between adaptations of scouts, who have few of them. */
const ADAPT_EVERY = 50;

/** Weight of the component over all starts. */
const WIDE = 0.05;

/** A place whose mass, were it normal, is less than this much of the largest, as a logarithm, is no place to start at. */
const NEGLIGIBLE = -12;

/** The same, from which on a place has mass enough to be missed. */
const MISSED = -3;

/** What scouts found of one data set. */
export interface Found {
  /** Proposals in unconstrained space. */
  readonly mixture: TMixture;
  /** Where chains may start: the last parameters [p] of a scout of each place by turns, those with more mass first. */
  readonly starts: readonly Float64Array[];
  readonly places: number;
  /**
   * The share of scouts that are alone at a place: about what places that none found have of the mass, as of species that were seen once (Good 1953, "The population
   * frequencies of species").
   */
  readonly alone: number;
}

/** One scout at its end. */
interface Scout {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  readonly parameters: Float64Array;
  /** The highest log density that it met. */
  readonly top: number;
}

/** Scouts that are at one place. */
interface Place {
  readonly scouts: readonly Scout[];
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  /** log of the mass that a normal density of this height and covariance has. */
  readonly logMass: number;
}

/**
 * Sends scouts from starts [size, scouts, p].
 *
 * @param iterations of each scout; it is listened to in the second half.
 */
export async function scout(
  target: LogTarget,
  options: Omit<ChainOptions, "chains" | "burnIn" | "thin" | "iterations"> & {
    readonly scouts: number;
    readonly iterations: number;
  },
): Promise<readonly Found[]> {
  const { scouts: count, ...common } = options;
  const { bijection, start, iterations } = common;
  const [k, p] = [bijection.unconstrainedSize, target.dimension];
  const moments = new ChainMoments(k, target.size * count);
  const tops = new Float64Array(target.size * count).fill(-Infinity);
  let last = start;
  const burnIn = Math.floor(iterations / 2);
  await runChains(
    target,
    randomWalk({ adaptEvery: ADAPT_EVERY }),
    // Their draws are not asked for: four are kept.
    { ...common, chains: count, burnIn, thin: Math.floor((iterations - burnIn) / 4) },
    ({ state, burning }) => {
      last = state.parameters;
      if (burning) return;
      moments.note(state.position);
      for (const [i, log] of state.logDensity.entries()) tops[i] = Math.max(tops[i] ?? log, log);
    },
  );
  return Array.from({ length: target.size }, (_, dataSet) => {
    const first = dataSet * count;
    const scouts = Array.from({ length: count }, (_s, s) => ({
      mean: moments.mean(first + s),
      covariance: moments.covariance(first + s, first + s + 1),
      parameters: last.slice((first + s) * p, (first + s + 1) * p),
      top: tops[first + s] ?? -Infinity,
    }));
    const begun = Array.from({ length: count }, (_s, s) =>
      bijection.inverse(start.subarray((first + s) * p, (first + s + 1) * p)),
    );
    return describe(scouts, begun, k);
  });
}

function describe(scouts: readonly Scout[], begun: readonly Float64Array[], k: number): Found {
  const places = group(scouts, k)
    .map((members) => placeOf(members, k))
    .toSorted((a, b) => b.logMass - a.logMass);
  const largest = places[0]?.logMass ?? 0;
  const masses = places.map(({ logMass }) => Math.exp(logMass - largest));
  const total = masses.reduce((a, b) => a + b, 0);
  const components = places.map(({ mean, covariance, scouts: members }, i): Component => {
    const weight = (members.length / scouts.length + (masses[i] ?? 0) / total) / 2;
    return { mean, scale: covariance, weight };
  });
  const worth = places.filter(({ logMass }) => logMass - largest > NEGLIGIBLE);
  const alone = places.filter(
    ({ logMass, scouts: members }) => members.length === 1 && logMass - largest > MISSED,
  );
  const turns = Array.from({ length: scouts.length }, (_, turn) =>
    worth.flatMap(({ scouts: members }) => members.slice(turn, turn + 1)),
  );
  return {
    mixture: new TMixture([wide(begun, k), ...components], k),
    starts: turns.flat().map(({ parameters }) => parameters),
    places: places.length,
    // One place, or one that the others are nothing beside, is what everybody would find.
    alone: alone.length < 2 ? 0 : alone.length / scouts.length,
  };
}

/** Scouts by places: those that are within each other's spread, directly or by others. */
function group(scouts: readonly Scout[], k: number): readonly (readonly Scout[])[] {
  const groups: Scout[][] = [];
  for (const one of scouts) {
    const near = groups.filter((members) => members.some((other) => areTogether(one, other, k)));
    const joined = [one, ...near.flat()];
    for (const members of near) groups.splice(groups.indexOf(members), 1);
    groups.push(joined);
  }
  return groups;
}

/** Whether the squared distance of means, in units of both spreads, is what one place has. */
function areTogether(a: Scout, b: Scout, k: number): boolean {
  const factor = choleskyFactor(
    a.covariance.map((value, i) => value + (b.covariance[i] ?? 0)),
    k,
  );
  if (factor === undefined) return false;
  const apart = solveLower(
    factor,
    a.mean.map((value, j) => value - (b.mean[j] ?? 0)),
  );
  return apart.reduce((sum, z) => sum + z * z, 0) < k + 2;
}

/** The moments of all scouts of a place together. */
function placeOf(scouts: readonly Scout[], k: number): Place {
  const average = (of: (one: Scout) => number): number =>
    scouts.reduce((sum, one) => sum + of(one), 0) / scouts.length;
  const mean = Float64Array.from({ length: k }, (_, j) => average((one) => one.mean[j] ?? 0));
  const covariance = Float64Array.from({ length: k * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    const between = average(
      (one) => ((one.mean[i] ?? 0) - (mean[i] ?? 0)) * ((one.mean[j] ?? 0) - (mean[j] ?? 0)),
    );
    return average((one) => one.covariance[at] ?? 0) + between;
  });
  const factor = choleskyFactor(covariance, k);
  let logMass = scouts.reduce((top, one) => Math.max(top, one.top), -Infinity);
  for (let j = 0; j < k; j++) logMass += Math.log(factor?.[j * (k + 1)] ?? 0);
  return { scouts, mean, covariance, logMass };
}

/** As wide as the starts lie, along each axis by itself. */
function wide(begun: readonly Float64Array[], k: number): Component {
  const mean = Float64Array.from(
    { length: k },
    (_, j) => begun.reduce((sum, u) => sum + (u[j] ?? 0), 0) / begun.length,
  );
  const scale = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    const square = begun.reduce((sum, u) => sum + ((u[j] ?? 0) - (mean[j] ?? 0)) ** 2, 0);
    scale[j * (k + 1)] = Math.max(square / begun.length, Number.MIN_VALUE ** 0.25);
  }
  return { mean, scale, weight: WIDE };
}
