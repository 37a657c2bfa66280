/**
 * Estimators as they are after each epoch: what a training is watched by.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { openEstimator, type Estimator } from "../estimators/load.js";
import type { Method } from "../methods/method.js";
import type { Standardization } from "../data/standardization.js";
import { assemble, type Making } from "./assemble.js";
import type { TrainedMember } from "./checkpoint.js";
import type { TrainSettings } from "../settings/training.js";
import type { TrainOptions } from "./options.js";
import { resultOf } from "./result.js";

/** What all snapshots of a training share. */
export interface SnapshotParts {
  readonly method: Method;
  readonly standardization: Standardization;
  readonly settings: TrainSettings;
  readonly made: Making;
  readonly members: number;
}

/**
 * Makes an estimator of a network after each epoch, and hands it on; it is released afterwards.
 *
 * @returns undefined where nobody watches.
 * @throws InvalidArgumentError where the networks of an ensemble are trained, of which there is no estimator before the end.
 */
export function snapshotWatcher(
  { method, standardization, settings, made, members }: SnapshotParts,
  options: TrainOptions,
): ((trained: TrainedMember) => Promise<void>) | undefined {
  const { onSnapshot, runtime } = options;
  if (onSnapshot === undefined) return undefined;
  if (members > 1) {
    throw new InvalidArgumentError(
      `train: onSnapshot is of one network, but this method trains ${members}: choose its density and summary yourself`,
    );
  }
  return async (trained) => {
    const contents = assemble(method, standardization, resultOf([trained], true), settings, made);
    const estimator: Estimator = await openEstimator(contents, {
      model: method.model,
      ...(runtime && { runtime }),
      ...(options.onWarning && { onWarning: options.onWarning }),
    });
    try {
      await onSnapshot(estimator, trained.history.length);
    } finally {
      await estimator.release();
    }
  };
}
