/**
 * Models that a page simulates in web workers.
 *
 * A bundler has no address for the module of a model: it finds a worker where a page says `new Worker(new URL(...))`. So a page says how a worker starts, and the worker's own
 * module imports the model and hands it to `serveSimulations`.
 */
import { withWorker, type AnyModel } from "./model.js";
import { ModelError } from "./validate.js";

/** What is asked of a `Worker`. Spelt out, so that the package's types do not need the DOM's. */
export interface SimulationWorker {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: object) => void): void;
  terminate(): void;
}

/**
 * The same model, simulated by web workers where a page simulates it or trains with it: as many as `workers` says, by default one a processor where more than a second of work is
 * left. Simulations have the bits that they have in one thread, and in Node.
 *
 * In Node nothing changes: threads load the model from its `module`.
 *
 * @param start starts a worker whose module calls `serveSimulations` with this model.
 * @throws ModelError where `start` is no function.
 * @example
 * // spring.worker.ts: serveSimulations(spring);
 * const model = inWorkers(spring, () => new Worker(new URL("./spring.worker.ts", import.meta.url), { type: "module" }));
 * await train(npe(model), { simulations: 20_000, seed: 1, workers: 4 });
 */
export function inWorkers<M extends AnyModel>(model: M, start: () => SimulationWorker): M {
  if (typeof start !== "function") {
    throw new ModelError(
      `inWorkers of the model "${model.name}" needs a function that starts a worker, () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }), but was given ${typeof start}`,
    );
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the model, with one thing more
  return withWorker(model, start) as M;
}
