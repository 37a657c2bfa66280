/**
 * Modules of models that simulate or train when they are imported.
 *
 * A worker imports the module to find the model. Were it to simulate there, it would start workers of its own, which import the
 * module, and so on without end.
 */
import { ModelError } from "../model/index.js";

// On the global object, so that every copy of the library in this thread knows.
const MODULE = Symbol.for("amortis.workerModule");

/** Says that this thread is a worker, before it imports the module of its model. It stays one. */
export function markWorker(module: string): void {
  Object.defineProperty(globalThis, MODULE, { value: module, configurable: true });
}

/**
 * Refuses work that a worker is not for.
 *
 * @param does what the module does: "simulates", "trains".
 * @throws ModelError in a worker.
 */
export function refuseInWorker(does: string): void {
  const module: unknown = Reflect.get(globalThis, MODULE);
  if (typeof module !== "string") return;
  throw new ModelError(
    `the module ${module} ${does} when it is imported, which worker threads do as well: put the model in a module of its own`,
  );
}
