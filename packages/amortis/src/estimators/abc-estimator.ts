/**
 * Estimators of posteriors by a reference table: approximate Bayesian computation.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { abcSource } from "../abc/abc-source.js";
import type { Adjustment } from "../abc/adjust.js";
import { keptTable, type KeptTable } from "../abc/kept-table.js";
import type { ReferenceTable } from "../abc/reference-table.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { DataInput } from "../data/match-data.js";
import { DataSets } from "../data/data-sets.js";
import { withoutOffsets } from "../data/standardization.js";
import type { Bijection, Distribution } from "../distributions/index.js";
import type { ParameterSpec } from "../model/index.js";
import { offsetSource, shifted } from "../posterior/offset-source.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch, type Posterior } from "../posterior/posterior.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { number, oneOf } from "../schema/values.js";
import type { SimulatedData, StoredDataSet } from "../simulation/index.js";
import { contextOf, floatsOf, resultsOf } from "./results.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import { count, digestOf, weightsByName, type Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { contextProgram } from "./programs.js";

/** How an answer is given. */
export interface AbcGivenOptions {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /** Share of the table that is accepted; by default what the method says. */
  readonly accept?: number;
  /** How accepted parameters are adjusted; by default what the method says. */
  readonly adjustment?: Adjustment;
  /**
   * Another table than the file's, larger than memory: a folder that `writeTable` wrote, or one of simulations (`simulateToDirectory`, `amortis simulate`), whose summaries are then made as it is read.
   */
  readonly table?: string;
  /** Other priors than that of the table, by parameter: accepted draws are weighted by them. */
  readonly prior?: Readonly<Record<string, Distribution>>;
  /** Hears now and then how many data sets of a batch are answered. */
  readonly onProgress?: (done: number, total: number) => void;
}

const KNOWN: KnownOptions<AbcGivenOptions> = {
  samples: true,
  seed: true,
  accept: true,
  adjustment: true,
  table: true,
  prior: true,
  onProgress: true,
};

const ABC_OPTIONS = ["samples", "seed", "table", "prior"] as const;

/** Rows that are accepted where nobody says otherwise: a share of the table, but so many. */
const SHARE = 0.01;
const LEAST = 500;
const MOST = 5_000;

/** Posteriors from a reference table. */
export class AbcEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "abc";
  #kept: KeptTable | undefined;

  /** Simulations in the file's table. */
  get tableSize(): number {
    return this.#table().table.size;
  }

  /**
   * The posterior given one data set. `posterior.check` says how fine its tolerance is: what its draws are worth (`effective`), which share of the table was accepted (`quantile`), how far that reaches beside
   * simulations that have nothing to do with the data (`reach`), how unlike the nearer and the farther half of them are (`drift`); and its note, where that does not do.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite; Refusal where accepted draws are worth too few.
   */
  async given(data: DataInput, options: AbcGivenOptions = {}): Promise<Posterior<P>> {
    const batch = await this.givenBatch(data, options);
    this.requireOne(batch.size, "givenBatch");
    return batch.at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array: one pass over the table for all. */
  async givenBatch(data: DataInput, options: AbcGivenOptions = {}): Promise<PosteriorBatch<P>> {
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0, prior: others = {}, onProgress } = options;
    const matched = this.match(data);
    requireDraws(samples, matched.size, this.parameterNames.length);
    const context = await this.contexts(matched);
    const observed = floatsOf({ context }, "context");
    const kept = this.#table();
    const table = options.table === undefined ? kept.table : await this.#tableIn(options.table);
    const { answers } = this.details;
    const usual = answers.kind === "abc" ? answers : undefined;
    const { adjustment = usual?.adjustment ?? "none", accept = usual?.accept } = options;
    const source = abcSource({
      slots: await this.describedSlots(),
      flatNames: this.parameterNames,
      table,
      observed,
      scale: kept.scale,
      accepted: acceptedOf(accept, table.size),
      adjustment,
      bijection: await this.#bijection(),
    });
    const sourceUnder = async (
      priors: Readonly<Record<string, Distribution>>,
    ): Promise<PosteriorSource> => {
      const changed = Object.keys(priors).length > 0;
      const own = changed ? await this.#reweighted(source, priors) : source;
      const under = (more: Readonly<Record<string, Distribution>>) =>
        sourceUnder({ ...priors, ...more });
      return { ...offsetSource(own, this.offset), under };
    };
    return PosteriorBatch.of<P>(await sourceUnder(others), samples, seed, onProgress);
  }

  /**
   * Summaries of simulations, written to a folder once: a table of any size, for `given(data, { table: folder })`.
   *
   * @param simulations in memory, or on disk (`openDataSet`), of which one shard at a time is read.
   * @throws FileError where the folder holds something already; InvalidArgumentError where the simulations are another model's.
   * @example await estimator.writeTable("table", await openDataSet("data/field"));
   */
  async writeTable(folder: string, simulations: SimulatedData | StoredDataSet): Promise<void> {
    const { writeTable } = await import("../abc/disk-table.js");
    await writeTable(folder, this.#summarizer(), this.#blocksOf(simulations));
  }

  async #reweighted(source: PosteriorSource, priors: Readonly<Record<string, Distribution>>) {
    const after = (await this.priorWith(priors)).centred;
    const { reweightedSource } = await import("../posterior/reweighted-source.js");
    return reweightedSource(source, { before: (await this.priorWith()).centred, after });
  }

  #table(): KeptTable {
    this.#kept ??= keptTable(weightsByName(this.contents), this.parameterNames.length, this.#size);
    return this.#kept;
  }

  get #size(): number {
    const { answers } = this.details;
    return answers.kind === "abc" ? answers.size : 0;
  }

  /** Undefined of discrete parameters. */
  async #bijection(): Promise<Bijection | undefined> {
    const { centred } = await this.prior();
    try {
      return centred.bijection;
    } catch (error) {
      if (error instanceof UnsupportedError) return undefined;
      throw error;
    }
  }

  /** What makes summaries, in a few digits: its weights, and by what data are standardised. */
  #summarizer(): string {
    const { details, weights } = this.contents;
    const own = details.variables
      .filter(({ name }) => !name.startsWith("table."))
      .reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
    const moments = Object.entries(details.standardization.data)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, { mean, sd }]) => [...mean, ...sd]);
    return digestOf(Float32Array.from([...weights.subarray(0, own), ...moments, this.#size]));
  }

  /** A table on disk. */
  async #tableIn(folder: string): Promise<ReferenceTable> {
    const { isTable, openTable } = await import("../abc/disk-table.js");
    if (!(await isTable(folder))) return this.#simulationsIn(folder);
    const table = await openTable(folder);
    if (
      table.summarizer === this.#summarizer() &&
      table.summaries === this.#size &&
      table.parameters === this.parameterNames.length
    ) {
      return table;
    }
    throw new InvalidArgumentError(
      `the table in ${folder} has summaries that another estimator made: write it anew with this one's writeTable`,
    );
  }

  async #simulationsIn(folder: string): Promise<ReferenceTable> {
    const { openDataSet } = await import("../simulation/data-set.js");
    const stored = await openDataSet(folder);
    return {
      size: stored.size,
      parameters: this.parameterNames.length,
      summaries: this.#size,
      blocks: () => this.#blocksOf(stored),
    };
  }

  /** Rows of a table, a shard of simulations at a time. */
  async *#blocksOf(simulations: SimulatedData | StoredDataSet) {
    const shards = "shards" in simulations ? simulations.shards() : [simulations];
    if ("info" in simulations) this.#requireOwn(simulations);
    for await (const { size, parameters, data } of shards) {
      const sets = withoutOffsets(
        new DataSets(this.dataSpecs, size, data),
        this.details.standardization,
      );
      const made = contextOf(await resultsOf(sets, (feeds) => this.programs.run("context", feeds)));
      yield {
        rows: size,
        parameters: Float32Array.from(shifted(parameters, this.offset, -1)),
        summaries: floatsOf({ made }, "made"),
      };
    }
  }

  /** @throws InvalidArgumentError where simulations are of another model. */
  #requireOwn({ info }: StoredDataSet): void {
    const [own, theirs] = [this.dataShapes, info.dataShapes].map((shapes) =>
      JSON.stringify(Object.entries(shapes).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
    if (info.parameterNames.join() === this.parameterNames.join() && own === theirs) return;
    throw new InvalidArgumentError(
      `the simulations are of "${info.model}" (parameters ${info.parameterNames.join(", ")}; data ${theirs}), but this estimator is of "${this.details.model.name}" (parameters ${this.parameterNames.join(", ")}; data ${own})`,
    );
  }
}

/**
 * Rows that are accepted of so many.
 *
 * @throws InvalidArgumentError where the share is none.
 */
function acceptedOf(accept: number | undefined, size: number): number {
  if (accept === undefined) {
    return Math.min(size, MOST, Math.max(LEAST, Math.round(SHARE * size)));
  }
  if (accept > 0 && accept <= 1) return Math.max(1, Math.round(accept * size));
  throw new InvalidArgumentError(
    `accept must be a share of the table, above 0 and at most 1, but is ${accept}`,
  );
}

const schema = object({
  kind: oneOf("abc"),
  /** Length of the summary. */
  size: count(1),
  adjustment: oneOf("heteroscedastic", "linear", "none"),
  distance: oneOf("mad", "mahalanobis"),
  accept: optional(number({ above: 0, most: 1 })),
});

/** The estimator of each type of parameters. */
export interface AbcEstimators extends EstimatorType {
  readonly estimator: AbcEstimator<this["parameters"]>;
}

/** Posteriors from a reference table. */
export const abcKind: KindOfAnswer<ValueOf<typeof schema>, AbcEstimators, "posteriors"> = {
  schema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: [...ABC_OPTIONS, "derived"],
  programs: () => ({ context: contextProgram }),
  open: <P>(contents: Contents, options: OpenOptions) => new AbcEstimator<P>(contents, options),
  inWords: () => "posteriors from a reference table",
  document: posteriorSheet,
};
