/**
 * Simulated fields of the experiments: the same for all methods of one.
 */
import {
  openDataSet,
  simulate,
  simulateToDirectory,
  type DataSpec,
  type Model,
  type ParameterSpec,
  type SimulatedData,
} from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { maxStable } from "@amortis/max-stable";
import { paths } from "./files.js";
import type { ReviewSettings } from "./settings.js";
import type { Stage, StageContext } from "./stage.js";

/** How many fields there are, and the parameters of those that are looked at closely, one data set after another. */
interface FieldPlan {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  readonly close: readonly number[];
}

const SETS = ["training", "validation"] as const;

/** The fields of one experiment. */
export class FieldSets<P extends ParameterSpec, D extends DataSpec> {
  readonly #name: string;
  readonly #model: Model<P, D>;
  readonly #plan: (settings: ReviewSettings) => FieldPlan;

  constructor(name: string, model: Model<P, D>, plan: (settings: ReviewSettings) => FieldPlan) {
    this.#name = name;
    this.#model = model;
    this.#plan = plan;
  }

  /** A stage that simulates what networks are trained on, into the directory. */
  stage(name: string, title: string, secondsEach: number): Stage {
    return {
      name,
      title,
      settings: (settings) => this.#plan(settings),
      seconds: (settings) => {
        const { training, validation } = this.#plan(settings);
        return 2 + secondsEach * (training + validation);
      },
      run: async (context) => {
        const started = performance.now();
        await this.#simulate(context);
        return { seconds: (performance.now() - started) / 1000 };
      },
    };
  }

  async #simulate(context: StageContext): Promise<void> {
    const { settings, seed, directory, signal } = context;
    for (const [i, set] of SETS.entries()) {
      const total = this.#plan(settings)[set];
      await simulateToDirectory(this.#model, paths.data(directory, `${this.#name}-${set}`), {
        simulations: total,
        seed: this.#seedOf(set, seed),
        signal,
        onProgress: (progress) => {
          context.report((i + progress.done / total) / 2, { kind: "simulating", progress });
        },
      });
    }
  }

  /** Training and validation fields. */
  async training({
    directory,
  }: StageContext): Promise<{ readonly data: SimulatedData; readonly validation: SimulatedData }> {
    const [data, validation] = await Promise.all(
      SETS.map(async (set) =>
        (await openDataSet(paths.data(directory, `${this.#name}-${set}`))).read(),
      ),
    );
    if (data === undefined || validation === undefined) throw new TypeError("there are two sets");
    return { data, validation };
  }

  /** As many fresh fields as there are to train on, which no network has seen. */
  async reference(context: StageContext): Promise<SimulatedData<D>> {
    const { settings, seed, signal } = context;
    const simulations = this.#plan(settings).training;
    return simulate(this.#model, {
      simulations,
      seed: this.#seedOf("reference", seed),
      signal,
      onProgress: (progress) => {
        context.report(progress.done / simulations, { kind: "simulating", progress });
      },
    });
  }

  /** Fresh fields on which all methods are scored. */
  async test({ settings, seed }: StageContext): Promise<SimulatedData<D>> {
    const simulations = this.#plan(settings).test;
    return simulate(this.#model, { simulations, seed: this.#seedOf("test", seed), workers: 0 });
  }

  /** The fields that are looked at closely. */
  async close({ settings, seed }: StageContext): Promise<SimulatedData<D>> {
    const parameters = Float64Array.from(this.#plan(settings).close);
    return simulate(this.#model, { parameters, seed: this.#seedOf("close", seed), workers: 0 });
  }

  /** One a purpose, so that test fields are never those of training. */
  #seedOf(what: string, seed: number): string {
    return `review/${this.#name}/${what}/${seed}`;
  }
}

/** Fields of the first experiment. */
export const gaussianFields = new FieldSets(
  "gaussian",
  gaussianField,
  ({ gaussian: { training, validation, test, close } }) => ({ training, validation, test, close }),
);

/** Fields of the second experiment. */
export const maxStableFields = new FieldSets(
  "max-stable",
  maxStable,
  ({ maxStable: { training, validation, test, close } }) => ({
    training,
    validation,
    test,
    close: close.flat(),
  }),
);
