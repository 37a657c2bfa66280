/**
 * Models of the experiment, with their exact posteriors.
 */
import {
  cnn,
  modelPosterior,
  splineCoupling,
  stream,
  type AnyModel,
  type DataInput,
} from "amortis";
import type { GapReference } from "amortis/diagnostics";
import { exactPosteriors, gaussianField } from "@amortis/gaussian-field";
import { tasks, TASKS } from "@amortis/sbibm";

/** Draws of each exact posterior. */
const DRAWS = 6_000;

/** Sizes of networks. */
export type SizeName = "small" | "usual";

/** A model, and its posteriors of data sets. */
export interface Task {
  readonly model: AnyModel;
  readonly exact: (
    data: Readonly<Record<string, ArrayLike<number>>> & DataInput,
  ) => Promise<GapReference>;
}

/** A task of the benchmark by its name, or the Gaussian field. */
export function taskOf(name: string): Task {
  if (name === "gaussian-field") return { model: gaussianField, exact: fieldDraws };
  const found = TASKS.find((task) => task === name);
  if (found === undefined) throw new TypeError(`there is no task "${name}"`);
  const model = tasks[found];
  return { model, exact: (data) => modelPosterior(model, data, { samples: 1_000 }) };
}

/** Networks of a size. */
export function networksOf(name: string, size: SizeName) {
  const hidden = size === "small" ? [16] : [50, 50];
  const density = splineCoupling({ layers: size === "small" ? 2 : 5, hidden });
  if (name !== "gaussian-field") return { density };
  return { density, summary: size === "small" ? cnn({ filters: [8, 16], dense: [8] }) : cnn() };
}

/** Draws of fields' posteriors by inverting the distribution functions of the quadrature. */
function fieldDraws(data: Readonly<Record<string, ArrayLike<number>>>): Promise<GapReference> {
  const posteriors = exactPosteriors(data["z"] ?? []);
  const draws = new Float32Array(posteriors.length * DRAWS);
  for (const [i, posterior] of posteriors.entries()) {
    const random = stream("exact").split(i);
    for (let j = 0; j < DRAWS; j++) draws[i * DRAWS + j] = posterior.quantile(random.uniform());
  }
  return Promise.resolve({ size: posteriors.length, draws });
}
