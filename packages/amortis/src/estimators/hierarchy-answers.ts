/**
 * Draws and densities of hierarchies: of the globals given all groups, and down the levels of each group given its own vector and what is above it.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { flatNames, type Floats } from "../data/layout.js";
import { firstPriors, type Distribution, type JointPrior } from "../distributions/index.js";
import { DrawnBatch } from "../posterior/drawn-batch.js";
import { offsetSource } from "../posterior/offset-source.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal, refusalOf } from "../posterior/refusal.js";
import { blocks, drawsPerCall } from "./calls.js";
import { baseNoise, noiseStreams, type Streams } from "./drawing.js";
import {
  HierarchyLayout,
  type AnswerPart,
  type LevelBlock,
  type LevelValues,
} from "./hierarchy-layout.js";
import type { View } from "./hierarchy-members.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf, floatsOf } from "./results.js";

/** The globals of hierarchies, where they come from another way than the program of their density. */
export interface GlobalsSource {
  /** [draws, p] */
  draw(hierarchy: number, draws: number, seed: number): Promise<Floats>;
  /** Of [m, p]. @throws UnsupportedError where they have none. */
  logDensity(hierarchy: number, globals: Floats): Promise<Float64Array>;
}

/** Of what answers are made. */
export interface HierarchyParts {
  /** Of the globals and one group of each level. */
  readonly prior: JointPrior;
  readonly parts: readonly AnswerPart[];
  readonly programs: OpenedPrograms;
  /** Vectors of all groups, [groups, k], by level: of all groups together first, one for each hierarchy. */
  readonly vectors: readonly HostTensor[];
  readonly globals?: GlobalsSource | undefined;
}

/** Rows of a tensor [n, k], by their numbers. */
export function takeVectors(tensor: HostTensor, which: ArrayLike<number>): HostTensor {
  const width = tensor.shape[1] ?? 1;
  const from = floatsOf({ tensor }, "tensor");
  const own = new Float32Array(which.length * width);
  for (let i = 0; i < which.length; i++) {
    const at = (which[i] ?? 0) * width;
    own.set(from.subarray(at, at + width), i * width);
  }
  return hostTensor(own, [which.length, width]);
}

/** Answers of groups by their vectors. */
export class HierarchyAnswers {
  readonly #of: HierarchyParts;

  constructor(of: HierarchyParts) {
    this.#of = of;
  }

  /** The posterior of the groups of a view. @param single whether there is one group of each level, whose parameters are as the model has them. */
  source(view: View, single: boolean): PosteriorSource {
    const { prior, parts } = this.#of;
    const layout = new HierarchyLayout(view, parts, prior.slots);
    const slots = layout.slots(single);
    const source: PosteriorSource = {
      slots,
      flatNames: flatNames(slots),
      size: 1,
      reports: true,
      draw: async (draws, seed, _start, _end, report) => {
        const batch = new DrawnBatch(1, draws, layout.width);
        // One whose globals are refused stops no other.
        const found = await this.#draw(layout, draws, seed, report).catch(refusalOf);
        if (found instanceof Refusal) batch.refuse(found);
        else batch.answer({ status: "amortized" }, found);
        return batch.drawn;
      },
      logDensity: (parameters) => this.#logDensity(layout, parameters),
    };
    return offsetSource(source, layout.offsets(prior.offset));
  }

  async #draw(
    layout: HierarchyLayout,
    draws: number,
    seed: number,
    report?: (share: number) => void,
  ): Promise<Float32Array> {
    const { globals } = this.#of;
    const { hierarchy, groups } = layout.view;
    const levels: Float32Array[] = [
      globals === undefined
        ? await this.#level(layout, 0, [], draws, seed)
        : Float32Array.from(await globals.draw(hierarchy, draws, seed)),
    ];
    for (let level = 1; level <= groups.length; level++) {
      levels.push(await this.#level(layout, level, levels, draws, seed));
      report?.(level / groups.length);
    }
    return layout.join(levels, draws);
  }

  /** Draws of a level, [groups, draws, size], given those above. */
  async #level(
    layout: HierarchyLayout,
    level: number,
    levels: LevelValues,
    draws: number,
    seed: number,
  ): Promise<Float32Array> {
    const { size, name } = this.#part(level);
    const count = layout.count(level);
    const result = new Float32Array(count * draws * size);
    const pieces = this.#pieces(layout, level, draws, seed);
    await this.#of.programs.inThreads(count * draws, async (runs) => {
      const lanes = runs.map(async (run) => {
        for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
          const { block, noise } = next.value;
          const { from, to, first, last } = block;
          const feeds = { ...this.#given(layout, level, levels, draws, block), ...noise };
          const asked = { what: `a draw of the level "${name}"`, first: from, sets: to - from };
          const theta = finiteOf(await run(`sample${level}`, feeds), "theta", asked);
          const span = (last - first) * size;
          for (let i = 0; i < to - from; i++) {
            const at = ((from + i) * draws + first) * size;
            result.set(theta.subarray(i * span, (i + 1) * span), at);
          }
        }
      });
      await Promise.all(lanes);
    });
    return result;
  }

  /** What is to be run for draws of a level, a call at a time. Streams of noise go on from one to the next, so that they are taken in this order. */
  *#pieces(layout: HierarchyLayout, level: number, draws: number, seed: number) {
    const { size, noise } = this.#part(level);
    // A stream a group, so that a draw does not depend on what else is asked.
    let streams = noiseStreams(seed, 0, 0, level);
    for (const block of blocks(0, layout.count(level), draws, drawsPerCall(size))) {
      if (block.first === 0) streams = noiseStreams(seed, block.from, block.to, level);
      yield { block, noise: noiseOf(noise, streams, block.last - block.first) };
    }
  }

  /** What the density of a level is given, for some groups and rows. */
  #given(
    layout: HierarchyLayout,
    level: number,
    levels: LevelValues,
    rows: number,
    block: LevelBlock,
  ): Record<string, HostTensor> {
    const vectors = this.#of.vectors[level];
    const { hierarchy, groups } = layout.view;
    if (vectors === undefined) throw new TypeError("a level has vectors");
    if (level === 0) return { context: takeVectors(vectors, [hierarchy]) };
    const own = groups[level - 1]?.subarray(block.from, block.to) ?? [];
    return {
      context: takeVectors(vectors, own),
      above: layout.above(levels, level, rows, block),
    };
  }

  #part(level: number): AnswerPart {
    const part = this.#of.parts[level];
    if (part === undefined) throw new TypeError(`there is no level ${level}`);
    return part;
  }

  /** log q(φ) + Σ log q(θ_j | ...), of flat vectors [m, p]; -Infinity outside the support. */
  async #logDensity(layout: HierarchyLayout, parameters: Floats): Promise<Float64Array> {
    const m = parameters.length / layout.width;
    const levels = layout.split(parameters, m);
    const { globals } = this.#of;
    const { hierarchy, groups } = layout.view;
    const total = new Float64Array(m);
    if (globals === undefined) await this.#addDensities(layout, 0, levels, total);
    else total.set(await globals.logDensity(hierarchy, levels[0] ?? new Float32Array()));
    for (let level = 1; level <= groups.length; level++) {
      await this.#addDensities(layout, level, levels, total);
    }
    this.#cutOff(layout, levels, total);
    return total;
  }

  /** Adds the log-densities of all groups of a level. */
  async #addDensities(
    layout: HierarchyLayout,
    level: number,
    levels: LevelValues,
    total: Float64Array,
  ): Promise<void> {
    const { size } = this.#part(level);
    const m = total.length;
    for (const block of blocks(0, layout.count(level), m)) {
      const { from, to, first, last } = block;
      const each = last - first;
      const theta = new Float32Array((to - from) * each * size);
      for (let i = 0; i < to - from; i++) {
        const at = ((from + i) * m + first) * size;
        theta.set(levels[level]?.subarray(at, at + each * size) ?? [], i * each * size);
      }
      const found = await this.#of.programs.run(`logDensity${level}`, {
        ...this.#given(layout, level, levels, m, block),
        theta: hostTensor(theta, [to - from, each, size]),
      });
      for (const [i, value] of floatsOf(found, "logDensity").entries()) {
        const row = first + (i % each);
        total[row] = (total[row] ?? 0) + value;
      }
    }
  }

  /** -Infinity where a group, or what it is in, lies outside the support. */
  #cutOff(layout: HierarchyLayout, levels: LevelValues, total: Float64Array): void {
    const level = layout.view.groups.length;
    const { size } = this.#part(level);
    const m = total.length;
    const last = levels[level] ?? new Float32Array();
    let prior: Distribution | undefined;
    for (let group = 0; group < layout.count(level); group++) {
      const block = { from: group, to: group + 1, first: 0, last: m };
      const tensor = layout.above(levels, level, m, block);
      const [above, width] = [floatsOf({ tensor }, "tensor"), tensor.shape[2] ?? 0];
      prior ??= firstPriors(this.#of.prior, width + size).centred;
      for (let row = 0; row < m; row++) {
        const at = (group * m + row) * size;
        const own = [
          ...above.subarray(row * width, (row + 1) * width),
          ...last.subarray(at, at + size),
        ];
        if (!prior.contains(own)) total[row] = -Infinity;
      }
    }
  }
}

function noiseOf(
  { normal, uniform }: AnswerPart["noise"],
  streams: Streams,
  draws: number,
): Record<string, HostTensor> {
  return {
    ...(normal > 0 && { normal: baseNoise(streams, "normal", draws, normal) }),
    ...(uniform > 0 && { uniform: baseNoise(streams, "uniform", draws, uniform) }),
  };
}
