/**
 * A model's own likelihood as terms of data sets, evaluated on the host: as many evaluations as there are data sets times parameters, so that
 * it can take long. It says how far it is, can be interrupted, and lets other work of the thread have a turn.
 */
import { UnsupportedError } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import { presentRow } from "../data/elements.js";
import type { AnyModel } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import { nextTurn, TURN } from "../turn.js";
import type { LogTerms } from "./target.js";

/** Who watches. */
export interface Watch {
  readonly signal?: StopSignal | undefined;
  /** Hears of how many evaluations are done, of how many that are known to be needed. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Terms with a count of them. */
export interface HostTerms {
  readonly logTerms: LogTerms;
  readonly expect: (terms: number) => void;
  /** Says that all is done, and watches no more: what is asked for later has another time. */
  readonly finish: () => void;
}

/** @throws UnsupportedError where the model has no `logLikelihood`. */
export function hostTerms(model: AnyModel, data: DataSets, watch: Watch): HostTerms {
  const { name, parameterSize: p } = model;
  if (model.logLikelihood === undefined) {
    throw new UnsupportedError(
      `the model "${name}" has no logLikelihood: give defineModel one, or train an estimator, which needs the simulator only`,
    );
  }
  const sets = Array.from({ length: data.size }, (_, i) => presentRow(data, i));
  const term = (flat: Float64Array, index: number): number => {
    const set = sets[index];
    // A likelihood is asked within the prior's support only.
    if (set === undefined || model.logPrior(flat) === -Infinity) return -Infinity;
    return model.logLikelihood?.(model.unpack(flat), set) ?? Number.NaN;
  };
  let { signal, onProgress }: Watch = watch;
  let [done, total] = [0, 0];
  let last = performance.now();
  return {
    logTerms: async (theta, start, end) => {
      signal?.throwIfAborted();
      const each = theta.length / p / (end - start);
      const values = new Float64Array(theta.length / p);
      for (let at = 0; at < values.length; at++) {
        const flat = Float64Array.from(theta.subarray(at * p, (at + 1) * p));
        values[at] = term(flat, start + Math.floor(at / each));
        done++;
        if (performance.now() - last < TURN) continue;
        onProgress?.(done, total);
        await nextTurn();
        signal?.throwIfAborted();
        last = performance.now();
      }
      return values;
    },
    expect: (terms) => {
      total += terms;
    },
    finish: () => {
      onProgress?.(done, total);
      signal = undefined;
      onProgress = undefined;
    },
  };
}
