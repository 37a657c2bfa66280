/**
 * A program as the simulator, as options of the command line.
 */
import type { AnyModel } from "amortis";
import { Option, type Command } from "commander";
import { UsageError } from "./failures.js";
import { positive } from "./options.js";

/** How a program simulates. */
export interface CommandArguments {
  readonly command?: string;
  readonly format?: "json" | "npy";
  readonly timeLimit?: number;
  readonly memoryLimit?: number;
}

/** Adds them. */
export function addCommandOptions(command: Command): Command {
  return command
    .option(
      "--command <PROGRAM>",
      "a program of any language that simulates, in place of MODEL's own, see below",
    )
    .addOption(
      new Option("--format <FORMAT>", "what the program reads and writes (default: json)").choices([
        "json",
        "npy",
      ]),
    )
    .option(
      "--time-limit <SECONDS>",
      "time a simulation of the program may take (default: 600)",
      positive,
    )
    .option(
      "--memory-limit <MIB>",
      "memory the program may take (default: half of the machine's)",
      positive,
    );
}

/**
 * The model, simulated by the program that is asked for.
 *
 * @throws UsageError where there is none, but a limit of one.
 */
export async function withCommand(
  model: AnyModel,
  { command: program, format, timeLimit, memoryLimit }: CommandArguments,
): Promise<AnyModel> {
  const given = { format, timeLimit, memoryLimit: memoryLimit && memoryLimit * 2 ** 20 };
  const options = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  if (program === undefined) {
    const [option] = Object.keys(options);
    if (option === undefined) return model;
    throw new UsageError(
      "--format, --time-limit and --memory-limit are of --command: name a program",
    );
  }
  const { command, withSimulator } = await import("amortis/extend");
  return withSimulator(model, command(program, options));
}
