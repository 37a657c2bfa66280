/**
 * Simulations of rounds: what was simulated in each, and all of it together, with a share of each round held out.
 */
import { DataSets } from "../data/data-sets.js";
import type { AnyModel } from "../model/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { heldOut } from "../settings/training.js";
import { dataSetsOf, sliceData } from "../training/examples.js";

/** How simulations are made. */
export interface GatherOptions {
  readonly seed: number;
  readonly workers?: number | undefined;
  /** Share of each round that is held out. */
  readonly validation: number;
}

/** Simulations of all rounds so far. */
export class Gathered {
  readonly #model: AnyModel;
  readonly #options: GatherOptions;
  readonly #rounds: SimulatedData[] = [];
  #first = 0;

  constructor(model: AnyModel, options: GatherOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** Simulates a round: draws of the prior, or at the parameters [n, p] that are given. */
  async add(simulations: number, parameters?: Float64Array): Promise<SimulatedData> {
    const { seed, workers } = this.#options;
    const made = await simulate(this.#model, {
      simulations,
      seed,
      firstIndex: this.#first,
      ...(parameters && { parameters }),
      ...(workers !== undefined && { workers }),
      // It is said of each round, and once for all.
      onWarning: () => {},
    });
    this.#first += simulations;
    this.#rounds.push(made);
    return made;
  }

  /** All simulations. */
  get all(): SimulatedData {
    return this.#joined(this.#rounds);
  }

  /** What is learned from, and what it is validated by: the last of each round. */
  get split(): Readonly<Record<"data" | "validation", SimulatedData>> {
    const cut = this.#rounds.map((round) => {
      const held = heldOut(round.size, this.#options.validation);
      return [
        sliceData(this.#model, round, 0, round.size - held),
        { ...sliceData(this.#model, round, round.size - held, round.size), invalid: [] },
      ] as const;
    });
    return {
      data: this.#joined(cut.map(([data]) => data)),
      validation: this.#joined(cut.map(([, validation]) => validation)),
    };
  }

  #joined(parts: readonly SimulatedData[]): SimulatedData {
    const [first, ...rest] = parts;
    if (first === undefined || rest.length === 0) return first ?? NOTHING;
    const sets = DataSets.join([
      dataSetsOf(this.#model, first),
      ...rest.map((part) => dataSetsOf(this.#model, part)),
    ]);
    return {
      size: sets.size,
      parameters: Float64Array.from(parts.flatMap(({ parameters }) => Array.from(parameters))),
      data: sets.columns,
      indices: Float64Array.from(parts.flatMap(({ indices }) => Array.from(indices))),
      invalid: parts.flatMap(({ invalid }) => invalid),
      // Those of later rounds were given.
      ...(first.origin && { origin: { ...first.origin, priors: "given" } }),
    };
  }
}

const NOTHING: SimulatedData = {
  size: 0,
  parameters: new Float64Array(),
  data: {},
  indices: new Float64Array(),
  invalid: [],
};
