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

/** Shares of the simulations. */
interface Shares {
  readonly selection: number;
  readonly test: number;
}

/**
 * Sizes of the parts of so many simulations.
 *
 * @throws InvalidArgumentError where a part would be too small.
 */
export function partSizes(simulations: number, shares: Shares): Record<keyof Split, number> {
  const selection = Math.round(simulations * shares.selection);
  const test = Math.round(simulations * shares.test);
  const sizes = { training: simulations - selection - test, selection, test };
  for (const [part, rows] of Object.entries(sizes)) {
    if (rows >= FEWEST) continue;
    throw new InvalidArgumentError(
      `tune: ${simulations} simulations leave ${Math.max(0, rows)} for ${part}, but ${FEWEST} are needed at least: simulate more, or change the shares of selection (now ${shares.selection}) and test (now ${shares.test})`,
    );
  }
  return sizes;
}

/**
 * Cuts simulations in their order: training, selection, test.
 *
 * @throws InvalidArgumentError where a part would be too small.
 */
export function splitSimulations(model: AnyModel, data: SimulatedData, shares: Shares): Split {
  const { training, selection } = partSizes(data.size, shares);
  const chosen = training + selection;
  return {
    training: part(model, data, 0, training),
    selection: part(model, data, training, chosen),
    test: part(model, data, chosen, data.size),
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
