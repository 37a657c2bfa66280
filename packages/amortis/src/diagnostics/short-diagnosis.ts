/**
 * A short diagnosis at the end of a training: shift and width of each parameter's ranks, over as many fresh simulations as a small part of the training's time allows.
 */
import type { Estimator } from "../estimators/load.js";
import type { AnyModel } from "../model/index.js";
import { stream } from "../random/index.js";
import { simulate } from "../simulation/index.js";
import type { StopSignal } from "../stop-signal.js";
import { FALSE_ALARMS } from "./faults.js";
import { holm } from "./family.js";
import { fractionalRanks, rankScores } from "./ranks.js";
import { columnOf } from "./scored-draws.js";

/** Part of the training's time. */
const SHARE = 0.05;

/** Seconds that make it worth its start. */
const LEAST = 0.25;

/** Simulations that are made and answered at a time, enough to say something, and at most. */
const [STEP, ENOUGH, MOST] = [50, 100, 500];

/** Draws of each. */
const DRAWS = 63;

/** How many times its share of the time simulations may seem to take, from the first one, which is the slowest. */
const SLOW = 4;

/** What is said. */
export interface ShortDiagnosis {
  readonly simulations: number;
  /** Whether no fault was found, at 5 % for all parameters together. */
  readonly calibrated: boolean;
  /** In a line. */
  readonly verdict: string;
}

/**
 * Diagnoses an estimator within about a twentieth of the time that its training took, by simulations that nothing else has used.
 *
 * @param signal gives it up.
 * @returns undefined where it does not answer with amortized posteriors, or the time is too short to say anything, as it is for simulators that are slow beside the training.
 * @throws SimulationError where the model does not simulate; the signal's reason where it comes.
 * @example (await shortDiagnosis(estimator, line))?.verdict
 */
export async function shortDiagnosis(
  estimator: Estimator,
  model: AnyModel,
  signal?: StopSignal,
): Promise<ShortDiagnosis | undefined> {
  const seconds = SHARE * estimator.details.training.seconds;
  if (estimator.kind !== "posterior" || seconds < LEAST) return undefined;
  const freshFrom = (firstIndex: number, simulations: number) =>
    simulate(model, {
      simulations,
      firstIndex,
      seed: "after training",
      workers: 0,
      ...(signal && { signal }),
    });
  const before = performance.now();
  await freshFrom(0, 1);
  if (ENOUGH * (performance.now() - before) > SLOW * 1000 * seconds) return undefined;
  const names = estimator.parameterNames;
  const p = names.length;
  const ranks = names.map((): number[] => []);
  const random = stream("short-diagnosis");
  const started = performance.now();
  let done = 0;
  while (done < MOST) {
    const fresh = await freshFrom(done, STEP);
    signal?.throwIfAborted();
    const { draws } = await estimator.givenBatch({ ...fresh.data }, { samples: DRAWS });
    for (const [k, own] of ranks.entries()) {
      const column = columnOf({ draws, truth: fresh.parameters, names }, k);
      own.push(...fractionalRanks(column.draws, column.truth, random.split(done * p + k)));
    }
    done += STEP;
    const passed = (performance.now() - started) / 1000;
    if ((passed * (done + STEP)) / done > seconds) break;
  }
  const counted = ranks[0]?.length ?? 0;
  return counted < ENOUGH ? undefined : { simulations: counted, ...judge(names, ranks) };
}

function judge(
  names: readonly string[],
  ranks: readonly (readonly number[])[],
): Omit<ShortDiagnosis, "simulations"> {
  const scores = ranks.map((own) => rankScores(own));
  const tests = holm(
    scores.flatMap(({ shift, spread }) => [
      { name: "shift", pValue: shift.pValue },
      { name: "spread", pValue: spread.pValue },
    ]),
  );
  const words = names.flatMap((name, k) => {
    const [shift, spread] = tests.slice(2 * k, 2 * k + 2);
    const parts = [
      ...((spread?.adjusted ?? 1) < FALSE_ALARMS
        ? [(scores[k]?.spread.z ?? 0) > 0 ? "overconfident" : "underconfident"]
        : []),
      ...((shift?.adjusted ?? 1) < FALSE_ALARMS
        ? [`biased ${(scores[k]?.shift.z ?? 0) > 0 ? "downwards" : "upwards"}`]
        : []),
    ];
    return parts.length === 0 ? [] : [`${name} is ${parts.join(" and ")}`];
  });
  const n = ranks[0]?.length ?? 0;
  return {
    calibrated: words.length === 0,
    verdict:
      words.length === 0
        ? `calibrated as far as ${n} fresh simulations tell; \`amortis diagnose\` looks closer`
        : `not calibrated: ${words.join(", ")}, over ${n} fresh simulations; \`amortis diagnose\` says more, and what to do`,
  };
}
