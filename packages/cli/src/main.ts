/**
 * The `amortis` command: a thin face of the library.
 */
import { VERSION } from "amortis";
import { Command, CommanderError } from "commander";
import { addInfer } from "./commands/infer.js";
import { addInspect } from "./commands/inspect.js";
import { addReproduce } from "./commands/reproduce.js";
import { addSimulate } from "./commands/simulate.js";
import { addTrain } from "./commands/train.js";
import { BAD_INPUT, describeError, DONE, InterruptedError, oneLine, statusOf } from "./failures.js";

const DETAILS = `
Train once on simulations, then answer every data set in milliseconds:
  amortis train gaussian-field --method npe --simulations 20000 --out field.amortis
  amortis infer field.amortis fields.npy
  amortis infer field.amortis fields.npy --samples 1000 --out samples.npy

Results go to standard output (--json: one JSON document), progress to standard error. Exit status: 0 done, 1 failed, 2 bad usage or bad
input. AMORTIS_DEBUG=1 prints stack traces.`;

function build(): Command {
  const program = new Command("amortis")
    .description("Amortized Bayesian inference: from a simulator to posteriors in milliseconds.")
    .version(VERSION)
    .addHelpText("after", DETAILS)
    .exitOverride()
    .configureOutput({
      outputError: (message, write) => {
        write(`${oneLine(message)}\n`);
      },
    });
  addSimulate(program);
  addTrain(program);
  addInfer(program);
  addInspect(program);
  addReproduce(program);
  return program;
}

/**
 * Runs the command.
 *
 * @param argv as `process.argv` is.
 * @returns the exit status.
 */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") process.exit(DONE);
    throw error;
  });
  try {
    await build().parseAsync([...argv]);
    return DONE;
  } catch (error) {
    // Commander has said what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : BAD_INPUT;
    const prefix = error instanceof InterruptedError ? "" : "error: ";
    process.stderr.write(`${prefix}${describeError(error)}\n`);
    if (process.env["AMORTIS_DEBUG"] && error instanceof Error) {
      process.stderr.write(`${error.stack ?? ""}\n`);
    }
    return statusOf(error);
  }
}
