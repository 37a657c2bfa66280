/**
 * What a search found, and what it gained.
 */
import { average, difference, type Average, type Estimate } from "../diagnostics/averages.js";
import { logDensities } from "../diagnostics/expected-log-density.js";
import type { Plain } from "./plain.js";
import { challengerIn, DEFAULT } from "./racing.js";
import type { Split } from "./split.js";
import type { Contender, TrialRecord } from "./trial.js";

/** Standard errors by which a challenger must lead the default by to be chosen. */
const ERRORS_TO_LEAD = 1;

/** A mean over held-out simulations, and its standard error. */
export type Score = Estimate;

/** What a search found. Scores are mean log posterior densities at the true parameters, in nats a data set; more is better. */
export interface TuneReport {
  readonly model: string;
  readonly seed: number;
  readonly simulations: {
    readonly training: number;
    readonly selection: number;
    readonly test: number;
  };
  /** Number of the contestant that is chosen; 0 is the default. */
  readonly chosen: number;
  /** Its configuration, as files have it. */
  readonly configuration: Plain;
  /** What is chosen, less the default, on simulations that nothing was chosen by; paired. */
  readonly gain: Score;
  /** The same on the simulations that it was chosen by, which flatter it. */
  readonly selectionGain: Score;
  /** On the simulations that nothing was chosen by. */
  readonly test: { readonly default: Score; readonly chosen: Score };
  readonly trials: readonly TrialRecord[];
  /** Of training and scoring. */
  readonly seconds: number;
  /** The budget, a signal, or that there was nothing left to vary. */
  readonly endedBy: "budget" | "interrupted" | "exhausted";
}

/** Which of two estimators is chosen, and by how much it leads. */
export interface Choice {
  readonly contestant: number;
  readonly estimator: Contender;
  readonly lead: Score;
}

const NONE: Score = { value: 0, standardError: 0 };

/** The challenger, where it leads the default by more than a standard error of the difference; else the default. */
export async function choose(
  results: Parameters<typeof challengerIn>[0],
  usual: Contender,
  challenger: Contender | undefined,
  { selection }: Split,
): Promise<Choice> {
  const stays = { contestant: DEFAULT, estimator: usual, lead: NONE };
  const contestant = challengerIn(results);
  if (contestant === undefined || challenger === undefined) return stays;
  const [ours, theirs] = [await scoreOf(challenger, selection), await scoreOf(usual, selection)];
  const lead = difference(ours, theirs);
  return lead.value > ERRORS_TO_LEAD * lead.standardError
    ? { contestant, estimator: challenger, lead }
    : stays;
}

/** What a choice gains on the simulations that nothing was chosen by. */
export async function gainOf(
  { contestant, estimator }: Choice,
  usual: Contender,
  { test }: Split,
): Promise<Pick<TuneReport, "gain" | "test">> {
  const before = await scoreOf(usual, test);
  if (contestant === DEFAULT) {
    return { gain: NONE, test: { default: scoreIn(before), chosen: scoreIn(before) } };
  }
  const after = await scoreOf(estimator, test);
  return {
    gain: difference(after, before),
    test: { default: scoreIn(before), chosen: scoreIn(after) },
  };
}

async function scoreOf(estimator: Contender, simulations: Split["test"]): Promise<Average> {
  return average(await logDensities(estimator, simulations));
}

function scoreIn({ value, standardError }: Average): Score {
  return { value, standardError };
}
