/**
 * Simulators that end the process: in a worker they end the worker, which is noticed; in this thread they would end everything, with a
 * status that says that all is well.
 */
import { asyncContext, inNode } from "#platform";
import type { AsyncContext } from "../platform/node.js";
import type { AnyModel } from "../model/index.js";
import { SimulationError } from "./simulated-data.js";

/** A simulator called `process.exit`. It ends the simulation, whatever is done about invalid ones. */
export class SimulatorExit extends SimulationError {}

/** A call of a simulator that has not ended. */
interface Running {
  readonly name: string;
  /** Tells what is part of it; of calls without, anything may be. */
  readonly context: AsyncContext | undefined;
}

const running = new Set<Running>();
let exit: typeof process.exit | undefined;

/** Puts itself in the place of `process.exit` until all calls have ended, in whatever order. */
function begin(call: Running): () => void {
  if (running.size === 0) {
    // oxlint-disable-next-line typescript/unbound-method -- put back as it was, not called but on the process
    exit = process.exit;
    process.exit = refuseOrExit;
  }
  running.add(call);
  return () => {
    running.delete(call);
    if (running.size === 0 && exit !== undefined) process.exit = exit;
  };
}

function refuseOrExit(code?: number | string | null): never {
  const calls = [...running];
  const caller =
    calls.find(({ context }) => context?.isInside()) ??
    calls.findLast(({ context }) => context === undefined);
  if (caller !== undefined) {
    throw new SimulatorExit(
      `the simulator of "${caller.name}" called process.exit(${code ?? ""}), which would end the program: throw an error instead`,
    );
  }
  if (exit === undefined) throw new TypeError("a call that has begun has kept it");
  return exit.call(process, code);
}

/** A model whose simulator cannot end the process. */
export interface GuardedModel {
  readonly model: AnyModel;
  /** Lets go of calls that are given up: a simulator may return a promise that is never fulfilled. */
  readonly giveUp: () => void;
}

/**
 * The model, whose simulator cannot end the process while it runs in this thread: `process.exit` throws there, after an await as well. Whatever else runs
 * meanwhile, such as a handler of Ctrl-C, ends the process as it would.
 */
export function guardExit(model: AnyModel): GuardedModel {
  if (!inNode) return { model, giveUp: () => {} };
  const { name } = model;
  const ends = new Set<() => void>();
  // What tells a simulator's own steps from others makes every promise slower, so that it is for asynchronous simulators alone, once one is known to be.
  let context: AsyncContext | undefined;
  const guarded: AnyModel = {
    ...model,
    simulate(values, random, sizes) {
      const own = context;
      const ended = begin({ name, context: own });
      const end = (): void => {
        ends.delete(end);
        ended();
      };
      ends.add(end);
      const call = (): ReturnType<AnyModel["simulate"]> => model.simulate(values, random, sizes);
      try {
        const output = own === undefined ? call() : own.run(call);
        if (output instanceof Promise) {
          context ??= asyncContext();
          return output.finally(end);
        }
        end();
        return output;
      } catch (error) {
        end();
        throw error;
      }
    },
  };
  return {
    model: guarded,
    giveUp: () => {
      for (const end of ends) end();
    },
  };
}
