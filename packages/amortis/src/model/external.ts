/**
 * Simulators outside of this program: they are asked for many simulations at once, and what goes wrong with one is an answer, not an error.
 */
import type { Values } from "./types.js";
import { stream, type Stream } from "../random/index.js";
import type { AnyModel } from "./model.js";

/** One simulation that is asked for. */
export interface ExternalRequest {
  /** Number of the simulation. */
  readonly index: number;
  /** θ, flat [p]. */
  readonly theta: Float64Array;
  /** How many there are of each named size. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Seed of all its randomness, below 2^53. */
  readonly seed: number;
}

/** What came of it: data as a simulator returns them, or why there are none. */
export type ExternalOutcome =
  | { readonly output: unknown }
  | { readonly reason: string; readonly standardError?: string };

/** Simulators that were started. */
export interface ExternalPool {
  /** What came of each, in the order of the requests. Rejects where the simulator as a whole is of no use. */
  run(requests: readonly ExternalRequest[]): Promise<readonly ExternalOutcome[]>;
  /** Ends them; what still runs is abandoned. */
  close(): Promise<void>;
}

/** A simulator outside of this program: what `command` returns. */
export interface ExternalSimulator {
  readonly kind: "external";
  /** Starts up to so many, each when there is work for it. */
  open(model: AnyModel, processes: number): Promise<ExternalPool>;
}

/** Whether a simulator is one outside of this program. */
export function isExternal(simulate: unknown): simulate is ExternalSimulator {
  return (
    typeof simulate === "object" &&
    simulate !== null &&
    "kind" in simulate &&
    simulate.kind === "external" &&
    "open" in simulate &&
    typeof simulate.open === "function"
  );
}

/** The seed of a simulation outside: 53 bits of its stream, whatever else is drawn of that. */
export function externalSeed(random: Stream): number {
  return Math.floor(random.split("seed").uniform() * 2 ** 53);
}

/** Those started for simulations one by one, by simulator. */
const single = new WeakMap<ExternalSimulator, Promise<ExternalPool>>();
let asked = 0;

/**
 * One simulation, of a process that stays for the next.
 *
 * @throws Error with the reason where it fails.
 */
export async function simulateOutside(
  simulator: ExternalSimulator,
  model: AnyModel,
  values: Values<AnyModel["parameters"]>,
  random: Stream = stream(0),
  sizes: Readonly<Record<string, number>> = {},
): Promise<unknown> {
  const pool = single.get(simulator) ?? simulator.open(model, 1);
  single.set(simulator, pool);
  const request = { index: asked++, theta: model.pack(values), sizes, seed: externalSeed(random) };
  const [outcome] = await (await pool).run([request]);
  if (outcome !== undefined && "output" in outcome) return outcome.output;
  throw new Error(outcome?.reason ?? "the simulator gave no answer");
}
