/**
 * Simulators in any language: programs that read parameters on standard input and write data on standard output.
 */
import { inNode } from "#platform";
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../../known-options.js";
import type { ExternalSimulator } from "../../model/external.js";
import { show } from "../../show.js";

/** How a program is asked. */
export interface CommandOptions {
  /**
   * What goes through its pipes. "json", the default: a line `{"id", "seed", "parameters"}` for each simulation, answered by a line `{"id", "data"}` or
   * `{"id", "error"}`. "npy": for each batch of n simulations the arrays parameters [n, p] and seeds [n], answered by one array [n, ...shape] for each of
   * the model's data, in its order; a row with NaN is a simulation that failed.
   */
  readonly format?: "json" | "npy";
  /** Seconds that a simulation may take; 600 by default. */
  readonly timeLimit?: number;
  /** Seconds that a program may take to start, beside its first simulation; 60 by default. */
  readonly startLimit?: number;
  /** Bytes of memory that a program may take, with the programs it started; half of the machine's by default. Read from /proc, so in Linux alone. */
  readonly memoryLimit?: number;
  /** Folder that it runs in; that of this process by default. */
  readonly cwd?: string;
  /** Variables of its environment, beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const KNOWN: KnownOptions<CommandOptions> = {
  format: true,
  timeLimit: true,
  startLimit: true,
  memoryLimit: true,
  cwd: true,
  env: true,
};

/** Seconds a timer can count. */
const LONGEST = 1_000_000;

/**
 * A program as the simulator of a model. It is started once for each of `workers`, and asked for many simulations; it ends where its standard input does.
 *
 * A simulation is invalid where the program, alone with it in a fresh process, answers an error, exits, takes longer than its time, takes more memory, or writes
 * something else than data of the model: its θ, the reason and what it wrote to standard error are kept, and the run goes on. All randomness must
 * come of the seed, which the simulation's number decides: the result is then the same for any number of processes.
 *
 * @param program a line for the shell, or the program and its arguments.
 * @throws InvalidArgumentError for an option that cannot be; UnsupportedError in a page, once it is asked to simulate.
 * @example
 * export const model = defineModel({
 *   name: "sir",
 *   parameters: { beta: uniform(0, 1), gamma: uniform(0, 1) },
 *   data: { infected: series(50) },
 *   simulate: command("python3 sim.py", { timeLimit: 10 }),
 * });
 */
export function command(
  program: string | readonly string[],
  options: CommandOptions = {},
): ExternalSimulator {
  requireKnown("command", options, KNOWN);
  const words = typeof program === "string" ? [program] : program;
  if (words.length === 0 || !words.every((word) => typeof word === "string") || !words[0]?.trim()) {
    throw new InvalidArgumentError(
      `command: name a program, such as "python3 sim.py" or ["python3", "sim.py"], but ${show(program)} was given`,
    );
  }
  const { format = "json", timeLimit = 600, startLimit = 60, memoryLimit } = options;
  if (format !== "json" && format !== "npy") {
    throw new InvalidArgumentError(
      `command: format must be "json" or "npy", but is ${show(format)}`,
    );
  }
  requireAbove("timeLimit", timeLimit, LONGEST);
  requireAbove("startLimit", startLimit, LONGEST);
  if (memoryLimit !== undefined) requireAbove("memoryLimit", memoryLimit, Infinity);
  return Object.freeze<ExternalSimulator>({
    kind: "external",
    open: async (model, processes) => {
      if (!inNode) throw new UnsupportedError("a page cannot start programs: simulate in Node");
      const { CommandPool } = await import("./pool.js");
      const all = { ...options, format, timeLimit, startLimit };
      return CommandPool.open(program, all, model, processes);
    },
  });
}

function requireAbove(name: string, value: number, most: number): void {
  if (value > 0 && value <= most) return;
  throw new InvalidArgumentError(
    `command: ${name} must be a number above 0${most === Infinity ? "" : ` and at most ${most}`}, but is ${show(value)}`,
  );
}
