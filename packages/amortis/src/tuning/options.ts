/**
 * What `tune` takes, and its defaults.
 */
import { InvalidArgumentError, type Runtime } from "@amortis/graph";
import * as z from "zod";
import { requireKnown, requireUnread, type KnownOptions } from "../known-options.js";
import type { DataTransform } from "../networks/index.js";
import { explain } from "../settings/explain.js";
import type { InvalidPolicy, SimulatedData } from "../simulation/index.js";
import type { StopSignal } from "../stop-signal.js";
import type { Plain } from "./plain.js";
import type { TrialSource } from "./apart.js";
import type { TuningReport } from "./progress.js";
import type { TrialRecord } from "./trial.js";

const share = z.number().gt(0).lt(1);

const schema = z.object({
  /** Time for training and scoring, in minutes, those of earlier runs in the same folder included; simulating comes before. The default is trained to its end. */
  minutes: z.number().gt(0).optional(),
  /** Trainings, short ones and the default's included, and those of earlier runs in the same folder: with this alone, the result depends on the seed alone. */
  trials: z.int().min(1).optional(),
  /** Simulations: to train on, to choose by and to test with. */
  simulations: z.int().min(1).default(20_000),
  /** Share of the simulations that contestants are compared by. */
  selection: share.default(0.1),
  /** Share of the simulations that the gain is measured on, which nothing is chosen by. */
  test: share.default(0.1),
  seed: z.int().min(0).default(1),
});

/** Settings, complete. */
export type TuneSettings = z.output<typeof schema>;

/** How a search is made: within `minutes`, or `trials`, or whichever is over first. */
export interface TuneOptions extends z.input<typeof schema>, InvalidPolicy {
  /** What all contestants have, as a configuration file says it; by itself it is the default that they are compared with. `{}` by default. */
  readonly configuration?: Plain;
  /** Names of methods to take part, which must answer with posteriors; by default that of the configuration. */
  readonly methods?: readonly string[];
  /** What is done to the data before any network sees them, in the place of names in the configuration. */
  readonly transform?: DataTransform;
  /** Simulations made before, all of which take part: `simulations` is refused beside them. */
  readonly data?: SimulatedData;
  /**
   * Folder in which the search is kept, and from which it goes on: `best.amortis`, `settings.json`, `report.json`, and what it needs to go on. Made where
   * there is none.
   */
  readonly folder?: string;
  /**
   * Trains elsewhere, several at once: on other machines, by `openTrials`. With `trials` alone what is found has the bits that it would have here, on machines of one
   * kind; with `minutes`, more is tried in the time.
   */
  readonly trainings?: TrialSource;
  /** Threads that simulate; by default one a processor. 0 simulates in this thread. */
  readonly workers?: number;
  /** Threads the networks run on. */
  readonly threads?: number;
  readonly runtime?: Runtime;
  /** Ends the search early: what was found so far is what is answered. */
  readonly signal?: StopSignal;
  /** Where the search stands, many times a second. */
  readonly onProgress?: (report: TuningReport) => void;
  /** Hears of each training once it is done. */
  readonly onTrial?: (trial: TrialRecord) => void;
}

const KNOWN: KnownOptions<TuneOptions> = {
  minutes: true,
  trials: true,
  simulations: true,
  selection: true,
  test: true,
  seed: true,
  configuration: true,
  methods: true,
  transform: true,
  data: true,
  folder: true,
  trainings: true,
  workers: true,
  threads: true,
  runtime: true,
  signal: true,
  onProgress: true,
  onTrial: true,
  onInvalid: true,
  onWarning: true,
};

/**
 * Settings with defaults filled in.
 *
 * @throws InvalidArgumentError where one is unknown or out of range, or no budget is given.
 */
export function resolveTuning(options: TuneOptions): TuneSettings {
  requireKnown("tune", options, KNOWN);
  if (options.data !== undefined) {
    requireUnread("tune", options, "data", ["simulations"]);
  }
  const { minutes, trials, simulations, selection, test, seed, data } = options;
  const given = { minutes, trials, simulations: data?.size ?? simulations, selection, test, seed };
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new InvalidArgumentError(`tune: ${explain(parsed.error.issues, given)}`);
  }
  if (minutes === undefined && trials === undefined) {
    throw new InvalidArgumentError(
      "tune: say how long it may take: minutes, or trials, a number of trainings",
    );
  }
  return parsed.data;
}
