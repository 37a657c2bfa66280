/**
 * Simulations cut once: those that contestants learn from, those that they are chosen by, and those that nothing is chosen by.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { sliceData } from "../training/examples.js";

/** Simulations of which none is in two parts. */
export interface Split {
  /** What contestants are trained on; the trainer holds some of it out for early stopping. */
  readonly training: SimulatedData;
  /** What contestants are compared by. */
  readonly selection: SimulatedData;
  /** What the gain is measured on. */
  readonly test: SimulatedData;
}

/** Simulations that a mean with a standard error takes, at least. */
const FEWEST = 20;

/**
 * Cuts simulations in their order: training, selection, test.
 *
 * @param shares of selection and test.
 * @throws InvalidArgumentError where a part would be too small.
 */
export function splitSimulations(
  model: AnyModel,
  data: SimulatedData,
  shares: { readonly selection: number; readonly test: number },
): Split {
  const { size } = data;
  const selection = Math.round(size * shares.selection);
  const test = Math.round(size * shares.test);
  const training = size - selection - test;
  for (const [part, rows] of Object.entries({ training, selection, test })) {
    if (rows >= FEWEST) continue;
    throw new InvalidArgumentError(
      `tune: ${size} simulations leave ${Math.max(0, rows)} for ${part}, but ${FEWEST} are needed at least: simulate more, or change the shares of selection (now ${shares.selection}) and test (now ${shares.test})`,
    );
  }
  return {
    training: part(model, data, 0, training),
    selection: part(model, data, training, training + selection),
    test: part(model, data, training + selection, size),
  };
}

/** Rows [start, end), with the account of the simulations that are invalid among them. */
function part(model: AnyModel, data: SimulatedData, start: number, end: number): SimulatedData {
  const first = start === 0 ? 0 : (data.indices[start] ?? Infinity);
  const next = end === data.size ? Infinity : (data.indices[end] ?? Infinity);
  return {
    ...sliceData(model, data, start, end),
    invalid: data.invalid.filter(({ index }) => index >= first && index < next),
  };
}
