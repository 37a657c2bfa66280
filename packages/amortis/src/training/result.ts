/**
 * What comes of a training, of one network or of the members of an ensemble.
 */
import type { Details, HistoryRecord } from "../estimators/contents.js";
import type { TrainedMember } from "./checkpoint.js";
import type { PlannedMember } from "./members.js";
import type { EndedBy } from "./progress.js";
import { mixtureLoss, stackingWeights } from "./stacking.js";

/** A training that is done. */
export interface TrainingResult {
  readonly trained: readonly TrainedMember[];
  /** Weights of the members, which add to one. */
  readonly weights: readonly number[];
  /** Epochs of all, one member after another. */
  readonly history: readonly HistoryRecord[];
  readonly bestEpoch: number;
  readonly bestLoss: number;
  readonly endedBy: EndedBy;
}

/**
 * The result of members in the order of their training: at least one.
 *
 * @param stopped whether there were to be more.
 */
export function resultOf(trained: readonly TrainedMember[], stopped: boolean): TrainingResult {
  const [first] = trained;
  if (first === undefined) throw new TypeError("a training has one network or more");
  if (trained.length === 1) {
    const { history, bestEpoch, bestLoss } = first;
    const endedBy = stopped ? "interrupted" : first.endedBy;
    return { trained, weights: [1], history, bestEpoch, bestLoss, endedBy };
  }
  const losses = trained.map((member) => member.losses);
  const weights = stackingWeights(losses);
  const heaviest = weights.indexOf(Math.max(...weights));
  const before = epochsBefore(trained, heaviest);
  const interrupted = trained.find(({ endedBy }) => endedBy === "interrupted");
  return {
    trained,
    weights,
    history: joined(trained),
    bestEpoch: before + (trained[heaviest]?.bestEpoch ?? 0),
    bestLoss: mixtureLoss(losses, weights),
    endedBy: stopped ? "interrupted" : (interrupted ?? first).endedBy,
  };
}

/** Descriptions and settings are plain data, which files may have. */
type Plain = Details["description"];

/** What a file says of the members; nothing of a single network. */
export function membersIn(
  { trained, weights }: TrainingResult,
  members: readonly PlannedMember[],
): Details["training"]["members"] {
  if (trained.length < 2) return undefined;
  return trained.map(({ history, bestEpoch, bestLoss, endedBy }, k) => ({
    description: (members[k]?.member.description ?? {}) as Plain,
    settings: { ...members[k]?.settings } as Plain,
    weight: weights[k] ?? 0,
    epochs: history.length,
    bestEpoch,
    bestValidationLoss: bestLoss,
    endedBy,
  }));
}

function epochsBefore(trained: readonly TrainedMember[], k: number): number {
  return trained.slice(0, k).reduce((total, { history }) => total + history.length, 0);
}

/** Epochs and steps numbered through. */
function joined(trained: readonly TrainedMember[]): readonly HistoryRecord[] {
  let steps = 0;
  return trained.flatMap(({ history }, k) => {
    const epochs = epochsBefore(trained, k);
    const records = history.map((record) => ({
      ...record,
      epoch: epochs + record.epoch,
      step: steps + record.step,
    }));
    steps = records.at(-1)?.step ?? steps;
    return records;
  });
}
