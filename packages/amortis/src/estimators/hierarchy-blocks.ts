/**
 * The globals of hierarchies of many groups, from what is said of them by some groups at a time: groups are independent given the globals, so that blocks of groups are replicates,
 *
 *     p(φ | Z_1 ... Z_J) ∝ p(φ) Π_b p(φ | Z_b) / p(φ),      Z_b the data of the groups of block b,
 *
 * by composition of scores where the density was learned from noisy parameters (Arruda et al. 2025, arXiv 2505.14429), else by the sum of log-densities, on a grid or by Markov chains.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { Moments } from "../data/moments.js";
import type { JointPrior } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { summedTerms, type Groups } from "../posterior/replicates.js";
import { blocks } from "./calls.js";
import { takeVectors, type GlobalsSource } from "./hierarchy-answers.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf, floatsOf, rows } from "./results.js";

/** Blocks of groups, and what is said of the globals by each. */
export interface GroupBlocks {
  /** Of the globals. */
  readonly prior: JointPrior;
  /** Of the globals in unconstrained space. */
  readonly moments: Moments;
  readonly programs: OpenedPrograms;
  /** Whether there is a program that denoises. */
  readonly denoises: boolean;
  /** The vector of each block, [blocks, k]. */
  readonly vectors: HostTensor;
  /** Blocks of each hierarchy. */
  readonly groups: Groups;
}

/** Outermost groups cut into blocks of so many at most, nearly equal: the block of each, and the blocks of each hierarchy. */
export function blocksOf(
  hierarchies: Uint32Array,
  size: number,
  most: number,
): { readonly block: Uint32Array; readonly groups: Groups } {
  const counts = new Uint32Array(size);
  for (const hierarchy of hierarchies) counts[hierarchy] = (counts[hierarchy] ?? 0) + 1;
  let first = 0;
  const bounds = Array.from(counts, (count) => {
    const start = first;
    first += Math.max(1, Math.ceil(count / most));
    return [start, first] as const;
  });
  const met = new Uint32Array(size);
  const block = hierarchies.map((hierarchy) => {
    const [start, end] = bounds[hierarchy] ?? [0, 1];
    const at = met[hierarchy] ?? 0;
    met[hierarchy] = at + 1;
    return start + Math.floor((at * (end - start)) / (counts[hierarchy] ?? 1));
  });
  return { block, groups: { size, bounds } };
}

/** The globals of each hierarchy. */
export async function globalsOfBlocks(of: GroupBlocks): Promise<GlobalsSource> {
  const source = (of.denoises ? await composed(of) : undefined) ?? (await summed(of));
  return {
    draw: async (hierarchy, draws, seed) => {
      const drawn = await source.draw(draws, seed, hierarchy, hierarchy + 1);
      const refusal = drawn.answers?.[0]?.refusal;
      if (refusal !== undefined) throw refusal;
      return drawn.draws;
    },
    logDensity: (hierarchy, globals) => source.logDensity(globals, hierarchy, hierarchy + 1),
  };
}

async function composed(of: GroupBlocks): Promise<PosteriorSource | undefined> {
  const { composedSource } = await import("./composed-source.js");
  const { prior, moments, programs, vectors, groups } = of;
  return composedSource({
    prior: prior.centred,
    slots: prior.slots,
    moments,
    trend: undefined,
    flatNames: prior.flatNames,
    groups,
    means: async (which, noisy, level) => {
      const feeds = { context: takeVectors(vectors, which), noisy, level };
      const asked = { what: "denoised globals", first: which[0] ?? 0, sets: which.length };
      return finiteOf(await programs.run("denoise", feeds), "denoised", asked);
    },
  });
}

async function summed(of: GroupBlocks): Promise<PosteriorSource> {
  const { posteriorSource } = await import("../posterior/source.js");
  const { prior, moments, programs, vectors, groups } = of;
  const p = prior.size;
  const logTerms = async (
    theta: ArrayLike<number>,
    start: number,
    end: number,
  ): Promise<Float64Array> => {
    const values = Float32Array.from(theta);
    const each = values.length / ((end - start) * p);
    const result = new Float64Array(values.length / p);
    for (const { from, to, first, last } of blocks(start, end, each)) {
      const at = (from - start) * each + first;
      const part = values.slice(at * p, (at + (to - from) * (last - first)) * p);
      const feeds = {
        context: rows(vectors, from, to),
        theta: hostTensor(part, [to - from, last - first, p]),
      };
      const found = floatsOf(await programs.run("logDensity0", feeds), "logDensity");
      for (const [i, value] of found.entries()) {
        result[at + i] = value - prior.centred.logDensity(part.subarray(i * p, (i + 1) * p));
      }
    }
    return result;
  };
  return posteriorSource({
    slots: prior.slots,
    flatNames: prior.flatNames,
    size: groups.size,
    logTerms: summedTerms(logTerms, groups),
    prior: prior.centred,
    unconstrained: () => moments,
  });
}
