/**
 * Where simulations are valid: a classifier of θ, by which proposals leave out what would fail.
 *
 * It is learned from which simulations were valid (`methods/validity.ts`), and keeps θ where p(valid | θ) is above a threshold: the largest at which it still keeps a given share of
 * the valid simulations. Posteriors are p(θ | Z, valid), which have no mass where nothing is valid, so that leaving it out changes none of them.
 *
 * References: Lueckmann et al. (2017), arXiv 1711.01861; Deistler et al. (2022), "Energy-efficient network activity from disparate circuit parameters" (sbi's `RestrictionEstimator`).
 */
import { compile, hostTensor, input, Scope, Variables } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { logValidity } from "../methods/validity.js";
import type { AnyModel } from "../model/index.js";
import { answeringRuntime, defaultRuntime } from "../runtime.js";
import type { SimulatedData } from "../simulation/index.js";
import { centredParameters } from "../training/examples.js";
import { learnValidity } from "../training/learn-validity.js";
import { ValidityRecord } from "../training/validity-record.js";
import type { Keeps } from "./restricted-prior.js";

/** How much of the valid simulations a region keeps. */
export interface ValidRegionOptions {
  /** Share of the valid simulations that it may leave out, 0.01 by default. */
  readonly lost?: number;
  readonly seed?: number;
}

const KNOWN: KnownOptions<ValidRegionOptions> = { lost: true, seed: true };

/** Where simulations are valid. */
export interface ValidRegion {
  /** Of θ [n, p], flat: 1 for each that is likely to be valid, 0 for the others. */
  keeps: Keeps;
  /** log p(valid | θ) below which θ is left out. */
  readonly threshold: number;
  /** Share of the simulations that were not valid which it would have left out. */
  readonly avoided: number;
}

/**
 * Learns where simulations are valid.
 *
 * @param simulations with those that are not valid, which `simulate` lists.
 * @returns undefined where all are valid, or none.
 * @example
 * const region = await validRegion(model, await simulate(model, { simulations: 1_000, seed: 1 }));
 * (await region?.keeps(Float64Array.of(0.2, 3)))?.[0];   // 1
 */
export async function validRegion(
  model: AnyModel,
  simulations: SimulatedData,
  options: ValidRegionOptions = {},
): Promise<ValidRegion | undefined> {
  requireKnown("validRegion", options, KNOWN);
  const { lost = 0.01, seed = 1 } = options;
  const record = new ValidityRecord(model);
  record.add(simulations);
  const { parameters, valid } = record.all();
  const learned = await learnValidity(
    model,
    { parameters, valid },
    { seed },
    await defaultRuntime(),
    1,
  );
  if (learned === undefined) return undefined;
  const p = model.parameterSize;
  const variables = new Variables();
  const theta = input("theta", ["batch", p]);
  const outputs = {
    value: logValidity(Scope.root(variables, "inference"), theta, learned.moments),
  };
  const program = await compile(
    { inputs: { theta }, outputs, variables, weights: learned.weights },
    await answeringRuntime(),
    { rows: ["batch"] },
  );
  const evaluate = async (of: Float64Array): Promise<ArrayLike<number>> => {
    const rows = hostTensor(Float32Array.from(centredParameters(model, of)), [of.length / p, p]);
    return Float32Array.from((await program.run({ theta: rows })).value.data, Number);
  };
  const values = Array.from(await evaluate(parameters));
  const good = values.filter((_, i) => valid[i] === 1).toSorted((a, b) => a - b);
  const bad = values.filter((_, i) => valid[i] === 0);
  const threshold = good[Math.floor(lost * good.length)] ?? -Infinity;
  return {
    threshold,
    avoided: bad.filter((value) => value < threshold).length / bad.length,
    keeps: async (of) => Uint8Array.from(await evaluate(of), (value) => Number(value >= threshold)),
  };
}
