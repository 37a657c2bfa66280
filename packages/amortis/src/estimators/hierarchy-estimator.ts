/**
 * Trained estimators of hierarchies.
 */
import { specsOf, type ArraySpecs } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { matchData, type DataInput } from "../data/match-data.js";
import { innermostStandardization } from "../data/nested-specs.js";
import { unconstrainedMoments, type Standardization } from "../data/standardization.js";
import { firstPriors } from "../distributions/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { GlobalsOf, ParameterSpec } from "../model/index.js";
import { HierarchyPosterior } from "../posterior/hierarchy-posterior.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch } from "../posterior/posterior.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { sideBySide } from "../posterior/side-by-side.js";
import { InvalidArgumentError } from "@amortis/graph";
import { EstimatorBase, type OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { sheetOf } from "./documents.js";
import { HierarchyAnswers } from "./hierarchy-answers.js";
import { blocksOf, globalsOfBlocks } from "./hierarchy-blocks.js";
import {
  firstView,
  membersOf,
  pathView,
  unnested,
  wholeView,
  type Members,
} from "./hierarchy-members.js";
import { vectorsOf } from "./hierarchy-vectors.js";
import { hierarchyProgramShapes, hierarchySchema, type HierarchyAnswer } from "./hierarchy-file.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";

/** How a hierarchy is answered. */
export interface HierarchyOptions {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /**
   * Groups of the outermost level that are seen together: of more, the posterior of the globals is composed of those of so many at a time. By default as many as were simulated at most where the
   * density of the globals has scores (`flowMatching()`, `diffusion()`, `meanFlow()`), and else all.
   */
  readonly blocks?: number;
  /** Hears now and then what share is answered. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How several hierarchies are answered. */
export interface HierarchiesOptions extends HierarchyOptions {
  /** How many innermost groups each hierarchy has, in their order. */
  readonly hierarchies: readonly number[];
}

const KNOWN: KnownOptions<HierarchyOptions> = {
  samples: true,
  seed: true,
  blocks: true,
  onProgress: true,
};

const EACH: KnownOptions<HierarchiesOptions> = { ...KNOWN, hierarchies: true };

/** A trained estimator of hierarchies: of the globals and of each group, of any number of groups. */
export class HierarchyEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "hierarchy";

  /** What the data of one innermost group are. */
  override get dataSpecs(): ArraySpecs {
    return specsOf(this.#answers.data);
  }

  protected override get dataStandardization(): Standardization {
    return innermostStandardization(this.details.standardization, this.dataSpecs);
  }

  get #answers(): HierarchyAnswer {
    const { answers } = this.details;
    if (answers.kind !== "hierarchy") throw new TypeError("hierarchies are what it answers");
    return answers;
  }

  /** Names of the levels, outermost first. */
  get levels(): readonly string[] {
    return this.#answers.parts.slice(1).map(({ name }) => name);
  }

  /**
   * The posterior given one hierarchy.
   *
   * @param data of all innermost groups, along the leading axis of each array. Where there are more levels than one, beside them an array for each level but the innermost, under its name: numbers that
   *   say which group of it each innermost group is in.
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   * @example
   * const posterior = await estimator.given({ y: [[1.2, 0.3], [2.1]], sigma: [1, 2] });
   * posterior.mean().groups.school.theta;   // of both schools
   */
  async given(data: DataInput, options: HierarchyOptions = {}): Promise<HierarchyPosterior<P>> {
    const sets = this.match(data);
    const members = membersOf(this.levels, sets.size, data);
    return this.#answer(sets, members, 0, options);
  }

  /**
   * The posteriors given several hierarchies, one after another.
   *
   * @example await estimator.givenEach({ y, sigma }, { hierarchies: [8, 12] })   // of the first 8 schools, and of the next 12
   */
  async givenEach(
    data: DataInput,
    options: HierarchiesOptions,
  ): Promise<readonly HierarchyPosterior<P>[]> {
    requireKnown("givenEach", options, EACH);
    const { hierarchies, ...each } = options;
    const sets = this.match(data);
    const members = membersOf(this.levels, sets.size, data, hierarchies);
    const posteriors: HierarchyPosterior<P>[] = [];
    for (let hierarchy = 0; hierarchy < members.size; hierarchy++) {
      posteriors.push(await this.#answer(sets, members, hierarchy, each));
    }
    return posteriors;
  }

  /**
   * The posteriors of the model's own parameters given whole data sets as it simulates them: of the globals, and of the locals of the first group of each level. For diagnostics.
   *
   * @param data [n, groups, ..., ...shape] each, NaN where a group or an element is not there.
   */
  async givenBatch(data: DataInput, options: HierarchyOptions = {}): Promise<PosteriorBatch<P>> {
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0 } = options;
    const nested = matchData(specsOf(this.details.model.data), data).data;
    const { data: rows, members } = unnested(nested, this.dataSpecs, this.levels.length);
    const answers = await this.#answersTo(this.match(rows.columns), members, options);
    const sources = Array.from({ length: members.size }, (_, hierarchy) =>
      answers.source(firstView(members, hierarchy), true),
    );
    requireDraws(samples, members.size, this.parameterNames.length);
    return PosteriorBatch.of<P>(sideBySide(sources), samples, seed, options.onProgress);
  }

  async #answer(
    sets: DataSets,
    members: Members,
    hierarchy: number,
    options: HierarchyOptions,
  ): Promise<HierarchyPosterior<P>> {
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0, onProgress } = options;
    const answers = await this.#answersTo(sets, members, options);
    const of = async <Q>(source: PosteriorSource): Promise<PosteriorBatch<Q>> => {
      requireDraws(samples, 1, source.flatNames.length);
      return PosteriorBatch.of<Q>(source, samples, seed, onProgress);
    };
    const view = wholeView(members, hierarchy);
    const globals = { hierarchy, groups: [], parents: [] };
    const levels = this.levels.map((name, k) => ({
      name,
      parameters: this.#parametersOf(k + 1),
      count: view.groups[k]?.length ?? 0,
    }));
    return new HierarchyPosterior<P>(
      await of(answers.source(view, false)),
      (await of<GlobalsOf<P>>(answers.source(globals, true))).at(0),
      levels,
      async (level, index) => {
        const group = view.groups[level]?.[index];
        if (group === undefined) {
          throw new InvalidArgumentError(
            `there is no group ${index} of the level ${level < 0 ? "asked for" : `"${this.levels[level]}"`}: the levels are ${levels.map(({ name, count: total }) => `${name}, of ${total} groups`).join("; ")}`,
          );
        }
        return (await of<P>(answers.source(pathView(members, level, group), true))).at(0);
      },
    );
  }

  /** Names of the parameters of a level, the globals being level 0. */
  #parametersOf(level: number): readonly string[] {
    const { parts } = this.#answers;
    const start = parts.slice(0, level).reduce((sum, { size }) => sum + size, 0);
    const end = start + (parts[level]?.size ?? 0);
    const own = this.slots.filter(({ offset }) => offset >= start && offset < end);
    return own.map(({ name }) => name);
  }

  /** What answers the groups of data sets less their offsets. */
  async #answersTo(
    sets: DataSets,
    { size, parents }: Members,
    { blocks }: HierarchyOptions,
  ): Promise<HierarchyAnswers> {
    const { parts } = this.#answers;
    const denoises = this.contents.programs["denoise"] !== undefined;
    const most = parts[1]?.most ?? 1;
    const [outermost = new Uint32Array()] = parents;
    const each = blocks ?? (denoises ? most : Infinity);
    if (!(each >= 1)) {
      throw new InvalidArgumentError(
        `blocks must be how many groups are seen together, a whole number from 1 on, but is ${each}`,
      );
    }
    const cut = blocksOf(outermost, size, each);
    const largest = largestOf(cut.block);
    if (largest > most) {
      this.warn(
        `there are up to ${largest} groups of the level "${parts[1]?.name ?? ""}", but the simulations had ${most} at most, so the answer is a guess: ask with blocks: ${most}, or train with more`,
      );
    }
    const { programs } = this;
    const all = cut.groups.bounds.at(-1)?.[1] ?? size;
    const vectors = await vectorsOf(programs, sets, [cut.block, ...parents.slice(1)], all);
    const prior = await this.prior();
    const base = { prior, parts, programs, vectors };
    if (all === size) return new HierarchyAnswers(base);
    const [context] = vectors;
    if (context === undefined) throw new TypeError("all groups together have a vector");
    const globals = await globalsOfBlocks({
      prior: firstPriors(prior, parts[0]?.size ?? 0),
      moments: unconstrainedMoments(this.details.standardization),
      programs,
      denoises,
      vectors: context,
      groups: cut.groups,
    });
    return new HierarchyAnswers({ ...base, globals });
  }
}

/** Groups of the largest block. */
function largestOf(block: Uint32Array): number {
  const counts = new Map<number, number>();
  for (const one of block) counts.set(one, (counts.get(one) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** The estimator of each type of parameters. */
export interface Hierarchies extends EstimatorType {
  readonly estimator: HierarchyEstimator<this["parameters"]>;
}

/** Posteriors of groups within groups. */
export const hierarchyKind: KindOfAnswer<HierarchyAnswer, Hierarchies, "hierarchies"> = {
  schema: hierarchySchema,
  gives: "hierarchies",
  advice: "load it with load, whose estimator gives the posteriors of all groups",
  options: ["samples", "seed", "derived"],
  programs: hierarchyProgramShapes,
  open: <P>(contents: Contents, options: OpenOptions) =>
    new HierarchyEstimator<P>(contents, options),
  inWords: ({ parts }) =>
    `posteriors of the globals and of the groups of ${parts
      .slice(1)
      .map(({ name }) => `"${name}"`)
      .join(", ")}`,
  document: async (fitted, data, { samples, seed, derived, onProgress }) => {
    const posterior = await fitted.given(data, {
      ...(samples !== undefined && { samples }),
      ...(seed !== undefined && { seed }),
      ...(onProgress && { onProgress }),
    });
    return sheetOf(posterior.batch, derived);
  },
};
