/**
 * Simulators that end the process: in a worker they end the worker, which is noticed; in this thread they would end everything, with a
 * status that says that all is well.
 */
import { inNode } from "#platform";
import type { AnyModel } from "../model/index.js";
import { SimulationError } from "./simulated-data.js";

/** A simulator called `process.exit`. It ends the simulation, whatever is done about invalid ones. */
export class SimulatorExit extends SimulationError {}

/** The model, whose simulator cannot end the process while it runs in this thread: `process.exit` throws there. */
export function guardExit(model: AnyModel): AnyModel {
  if (!inNode) return model;
  const refuse = (code?: number | string | null): never => {
    throw new SimulatorExit(
      `the simulator of "${model.name}" called process.exit(${code ?? ""}), which would end the program: throw an error instead`,
    );
  };
  return {
    ...model,
    simulate(values, random, sizes) {
      // oxlint-disable-next-line typescript/unbound-method -- put back as it was, not called
      const { exit } = process;
      process.exit = refuse;
      try {
        return model.simulate(values, random, sizes);
      } finally {
        process.exit = exit;
      }
    },
  };
}
