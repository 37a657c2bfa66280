/**
 * More simulations than were made: of an emulator that is learned from them.
 *
 * What a simulator does given θ is often simpler than what its data say of θ. A density p̂(Z | θ) of data given parameters, learned from the simulations, is an
 * emulator: θ drawn from the prior and Z from p̂ are examples without end of a posterior p(θ) p̂(Z | θ), from which a posterior network learns beside the
 * simulations themselves. It learns what neural likelihood estimation would (Papamakarios, Sterratt & Murray 2019, arXiv 1805.07226), but answers at once, without
 * chains; posteriors from learned likelihoods are in Wiqvist, Frellsen & Picchini (2021, arXiv 2102.06522). What is held out is never emulated: stacking tells from
 * simulations alone whether the emulator is to be trusted.
 */
import { hostTensor } from "@amortis/graph";
import { takeRows } from "../data/data-sets.js";
import { SmoothTrend } from "../data/smooth-trend.js";
import type { Standardization } from "../data/standardization.js";
import type { PosteriorEstimator } from "../estimators/index.js";
import { concatenated } from "../math/concatenated.js";
import { GIVEN } from "../methods/emulated-model.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { dataSetsOf, parametersSeen } from "./examples.js";
import { EmulatedColumns } from "./emulated-columns.js";
import type { TrainOptions } from "./options.js";
import type { Examples } from "./source.js";

/** What an emulator is learned from, and how. */
export interface Emulation {
  readonly model: AnyModel;
  readonly training: SimulatedData;
  readonly validation: SimulatedData;
  /** The method by which an emulator of data sets of so many numbers given so many parameters is learned. */
  readonly emulator: (numbers: number, parameters: number) => Method<AnyModel, "posterior">;
  /** Trains it. */
  readonly learn: (
    method: Method<AnyModel, "posterior">,
    options: TrainOptions,
  ) => Promise<PosteriorEstimator>;
  readonly standardization: Standardization;
  /** Places of the numbers of a data set that are emulated; all by default. */
  readonly only?: readonly number[] | undefined;
  /** Whether it is one of what smooth trends leave of the data. */
  readonly smooth: boolean;
  readonly random: Stream;
  readonly seed: number;
}

/** Simulations as an emulator learns them. */
interface Turned extends Pick<SimulatedData, "indices"> {
  /** [n, columns]. */
  readonly numbers: Float64Array;
  /** Parameters as networks see them, [n, p]. */
  readonly seen: Float32Array;
}

/** An emulator, learned. */
export class Emulator {
  readonly #emulation: Emulation;
  readonly #columns: EmulatedColumns;
  readonly #trend: SmoothTrend | undefined;
  readonly #estimator: PosteriorEstimator;

  private constructor(
    emulation: Emulation,
    columns: EmulatedColumns,
    trend: SmoothTrend | undefined,
    estimator: PosteriorEstimator,
  ) {
    this.#emulation = emulation;
    this.#columns = columns;
    this.#trend = trend;
    this.#estimator = estimator;
  }

  /**
   * Learns one from simulations.
   *
   * @throws TrainingError where its training diverges.
   */
  static async learn(emulation: Emulation, options: TrainOptions): Promise<Emulator> {
    const { model, training, validation, standardization, emulator, learn, random, smooth } =
      emulation;
    const columns = new EmulatedColumns(dataSetsOf(model, training), emulation.only);
    const turned = (simulated: SimulatedData, name: string): Turned => ({
      numbers: columns.numbers(dataSetsOf(model, simulated), random.split(name)),
      seen: parametersSeen(model, simulated.parameters, standardization),
      indices: simulated.indices,
    });
    const known = turned(training, "training");
    const held = turned(validation, "validation");
    const trend = smooth
      ? await SmoothTrend.learn(known.seen, known.numbers, columns.size)
      : undefined;
    const estimator = await learn(emulator(columns.size, model.parameterSize), {
      ...options,
      data: examplesOf(known, await trend?.leftOfKnown(known.seen, known.numbers)),
      validation: examplesOf(held, await trend?.leftOf(held.seen, held.numbers)),
    });
    return new Emulator(emulation, columns, trend, estimator);
  }

  /** As many simulations as it makes of so many draws of the prior: a little fewer, as those beyond what was simulated are left out. */
  async simulate(count: number): Promise<SimulatedData> {
    const { model, training, standardization, random, seed } = this.#emulation;
    const draws = random.split("parameters");
    const parameters = concatenated(
      Array.from({ length: count }, (_, i) => model.prior.sample(draws.split(i))),
    );
    const seen = parametersSeen(model, parameters, standardization);
    const { draws: left } = await this.#estimator.givenBatch(
      { [GIVEN]: seen },
      { samples: 1, seed },
    );
    const trend = await this.#trend?.at(seen);
    const { sets, rows } = this.#columns.restore(
      trend?.map((value, i) => value + (left[i] ?? 0)) ?? left,
      dataSetsOf(model, training),
      random.split("others"),
    );
    const p = model.parameterSize;
    return {
      size: rows.length,
      parameters: takeRows(parameters, p, rows),
      data: sets.columns,
      indices: Float64Array.from(rows),
      invalid: [],
    };
  }

  release(): Promise<void> {
    return this.#estimator.release();
  }
}

/** Simulations turned round, and what a trend leaves of their numbers, where there is one. */
function examplesOf(
  { numbers, seen, indices }: Turned,
  left: Float64Array = numbers,
): SimulatedData {
  return {
    size: indices.length,
    parameters: left,
    data: { [GIVEN]: seen },
    indices,
    invalid: [],
  };
}

/** Rows of two sets of examples, one after the other. */
export function joinExamples(first: Examples, second: Examples): Examples {
  return Object.fromEntries(
    Object.entries(first).map(([name, array]) => {
      const other = second[name];
      if (other === undefined) throw new TypeError(`examples lack ${name}`);
      const [a, b] = [array, other].map(({ data }) => {
        if (data instanceof Float32Array) return data;
        throw new TypeError(`${name} is not in single precision`);
      });
      const all = new Float32Array((a?.length ?? 0) + (b?.length ?? 0));
      all.set(a ?? []);
      all.set(b ?? [], a?.length ?? 0);
      const [rows = 0, ...rest] = array.shape;
      return [name, hostTensor(all, [rows + (other.shape[0] ?? 0), ...rest])];
    }),
  );
}
