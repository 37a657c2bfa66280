/**
 * What comes of a training, of one network or of the members of an ensemble.
 */
import type { Json } from "../json.js";
import type { Details, HistoryRecord } from "../estimators/contents.js";
import type { Ensemble } from "../methods/method.js";
import type { TrainedMember } from "./checkpoint.js";
import type { PlannedMember } from "./members.js";
import type { EndedBy } from "../progress/report.js";
import { mixtureLoss, sparseWeights } from "./stacking.js";

/** A training that is done. */
export interface TrainingResult {
  readonly trained: readonly TrainedMember[];
  /** Weights of the members, which add to one; zero of those that take no part in the answer. */
  readonly weights: readonly number[];
  /** Epochs of all, one member after another. */
  readonly history: readonly HistoryRecord[];
  readonly bestEpoch: number;
  readonly bestLoss: number;
  readonly endedBy: EndedBy;
}

/**
 * The result of members in the order of their training: at least one. Of members with equal weights the loss is their mean, which what they answer together
 * undercuts.
 *
 * @param stopped whether there were to be more.
 */
export function resultOf(
  trained: readonly TrainedMember[],
  stopped: boolean,
  weighing: Ensemble["weighing"] = "stacking",
): TrainingResult {
  const [first] = trained;
  if (first === undefined) throw new TypeError("a training has one network or more");
  if (trained.length === 1) {
    const { history, bestEpoch, bestLoss } = first;
    const endedBy = stopped ? "interrupted" : first.endedBy;
    return { trained, weights: [1], history, bestEpoch, bestLoss, endedBy };
  }
  const losses = trained.map((member) => member.losses);
  const stacking = weighing === "stacking";
  const weights = stacking ? sparseWeights(losses) : trained.map(() => 1 / trained.length);
  const heaviest = stacking ? weights.indexOf(Math.max(...weights)) : bestOf(trained);
  const before = epochsBefore(trained, heaviest);
  const interrupted = trained.find(({ endedBy }) => endedBy === "interrupted");
  return {
    trained,
    weights,
    history: joined(trained),
    bestEpoch: before + (trained[heaviest]?.bestEpoch ?? 0),
    bestLoss: stacking
      ? mixtureLoss(losses, weights)
      : trained.reduce((total, member) => total + member.bestLoss, 0) / trained.length,
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
    settings: { ...members[k]?.settings, ...emulationsOf(members[k]) } as Plain,
    weight: weights[k] ?? 0,
    epochs: history.length,
    bestEpoch,
    bestValidationLoss: bestLoss,
    endedBy,
  }));
}

function bestOf(trained: readonly TrainedMember[]): number {
  const losses = trained.map(({ bestLoss }) => bestLoss);
  return losses.indexOf(Math.min(...losses));
}

function emulationsOf(planned: PlannedMember | undefined): Readonly<Record<string, Json>> {
  const { emulation } = planned?.member ?? {};
  if (emulation === undefined) return {};
  return { emulations: emulation.simulations, emulator: emulation.description };
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
