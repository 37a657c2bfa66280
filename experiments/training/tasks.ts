/**
 * Models of the benchmark, and the simulations that both sides are given.
 */
import { simulate, type AnyModel, type SimulatedData } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { gaussianLinear, slcp, twoMoons } from "@amortis/sbibm";

const MODELS: Readonly<Record<string, AnyModel>> = {
  two_moons: twoMoons,
  slcp,
  gaussian_linear: gaussianLinear,
  gaussian_field: gaussianField,
};

export const TASKS: readonly string[] = Object.keys(MODELS);

/** Simulations that scores are of, which no training sees. */
const FRESH = 2_000;
const FRESH_SEED = 1_000_000_007;

/** A model by its name. */
export function modelOf(task: string): AnyModel {
  const model = MODELS[task];
  if (model === undefined) throw new Error(`there is no task "${task}": ${TASKS.join(", ")}`);
  return model;
}

/** Simulations to train on. */
export function trainingData(task: string, simulations: number): Promise<SimulatedData> {
  return simulate(modelOf(task), { simulations, seed: 1 });
}

/** Simulations to score with. */
export function freshData(task: string): Promise<SimulatedData> {
  return simulate(modelOf(task), { simulations: FRESH, seed: FRESH_SEED });
}
