/**
 * The `amortis` command: a thin face of the library.
 *
 * A subcommand's code, and with it the library, is imported when it is asked for: the rest costs nothing.
 */
import { Command, CommanderError } from "commander";
import { BAD_INPUT, DONE, FAILED, oneLine } from "./exit.js";

/** A subcommand, as the list of them shows it, and how to get the whole of it. */
interface Subcommand {
  readonly name: string;
  readonly operands: string;
  readonly summary: string;
  readonly load: () => Promise<(command: Command) => void>;
}

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: "init",
    operands: "<FILE.ts>",
    summary: "write a model file to begin with",
    load: async () => (await import("./commands/init.js")).addInit,
  },
  {
    name: "check",
    operands: "<MODEL>",
    summary: "say what to know of a model before training",
    load: async () => (await import("./commands/check.js")).addCheck,
  },
  {
    name: "plan",
    operands: "<MODEL>",
    summary: "say what a training will cost, for a wanted accuracy",
    load: async () => (await import("./commands/plan.js")).addPlan,
  },
  {
    name: "simulate",
    operands: "<MODEL>",
    summary: "simulate data sets into a directory",
    load: async () => (await import("./commands/simulate.js")).addSimulate,
  },
  {
    name: "worker",
    operands: "",
    summary: "simulate what a queue asks for",
    load: async () => (await import("./commands/worker.js")).addWorker,
  },
  {
    name: "queue",
    operands: "<URL>",
    summary: "say where the runs of a queue stand",
    load: async () => (await import("./commands/queue.js")).addQueue,
  },
  {
    name: "train",
    operands: "<MODEL>",
    summary: "train an estimator for a model",
    load: async () => (await import("./commands/train.js")).addTrain,
  },
  {
    name: "tune",
    operands: "<MODEL>",
    summary: "search settings of training within a budget of time",
    load: async () => (await import("./commands/tune.js")).addTune,
  },
  {
    name: "infer",
    operands: "<FILE.amortis> <DATA>",
    summary: "answer data sets",
    load: async () => (await import("./commands/infer.js")).addInfer,
  },
  {
    name: "serve",
    operands: "<FILE.amortis...>",
    summary: "answer data sets over HTTP",
    load: async () => (await import("./commands/serve.js")).addServe,
  },
  {
    name: "inspect",
    operands: "<FILE.amortis>",
    summary: "say what an estimator is and how it was trained",
    load: async () => (await import("./commands/inspect.js")).addInspect,
  },
  {
    name: "export",
    operands: "<FILE.amortis>",
    summary: "write its programs as plain ONNX, for any language",
    load: async () => (await import("./commands/export.js")).addExport,
  },
  {
    name: "diagnose",
    operands: "<FILE.amortis>",
    summary: "say whether its posteriors can be trusted",
    load: async () => (await import("./commands/diagnose.js")).addDiagnose,
  },
  {
    name: "studio",
    operands: "[FILE.amortis]",
    summary: "open the studio in a browser",
    load: async () => (await import("./commands/studio.js")).addStudio,
  },
  {
    name: "reproduce",
    operands: "<WHAT>",
    summary: "reproduce a published comparison of methods",
    load: async () => (await import("./commands/reproduce.js")).addReproduce,
  },
  {
    name: "benchmark",
    operands: "<WHAT>",
    summary: "score a method on the field's standard tasks",
    load: async () => (await import("./commands/benchmark.js")).addBenchmark,
  },
];

const DETAILS = `
Train once on simulations, then answer every data set in milliseconds:
  amortis train gaussian-field --method npe --simulations 20000 --out field.amortis
  amortis infer field.amortis fields.npy
  amortis infer field.amortis fields.npy --samples 1000 --out samples.npy

Results go to standard output (--json: one JSON document), progress to standard error. Exit status: 0 done, 1 failed, 2 bad usage or bad
input. AMORTIS_DEBUG=1 prints stack traces.`;

/** The whole command line, with everything of the subcommand that is asked for and the names of the others. */
async function build(asked: string | undefined, version: string): Promise<Command> {
  const program = new Command("amortis")
    .description("Amortized Bayesian inference: from a simulator to posteriors in milliseconds.")
    .version(version)
    .addHelpText("after", DETAILS)
    .exitOverride()
    .configureOutput({
      outputError: (message, write) => {
        write(`${oneLine(message)}\n`);
      },
    });
  for (const { name, operands, summary, load } of SUBCOMMANDS) {
    const whole = name === asked;
    const command = program.command(whole ? name : `${name} ${operands}`.trim()).summary(summary);
    if (whole) (await load())(command);
  }
  return program;
}

/** The subcommand of a command line: of "amortis help train" as well, "train". */
function askedFor(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  return first === "help" ? second : first;
}

/**
 * Runs the command.
 *
 * @param argv as `process.argv` is.
 * @param version of what is installed, for `--version`.
 * @returns the exit status.
 */
export async function main(argv: readonly string[], version: string): Promise<number> {
  process.once("exit", endedEarly);
  process.on("uncaughtException", failedBeside);
  process.stdout.on("error", readerGone);
  try {
    const program = await build(askedFor(argv.slice(2)), version);
    await program.parseAsync([...argv]);
    return DONE;
  } catch (error) {
    // Commander has said what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : BAD_INPUT;
    const { describeError, InterruptedError, statusOf } = await import("./failures.js");
    const { printAside } = await import("./options.js");
    const prefix = error instanceof InterruptedError ? "" : "error: ";
    printAside(`${prefix}${describeError(error)}`);
    if (process.env["AMORTIS_DEBUG"] && error instanceof Error) {
      printAside(error.stack ?? "");
    }
    return statusOf(error);
  } finally {
    process.off("exit", endedEarly);
    process.off("uncaughtException", failedBeside);
    process.stdout.off("error", readerGone);
  }
}

/** A reader that has seen enough, such as `head`, is no failure. */
function readerGone(error: Error): void {
  process.off("exit", endedEarly);
  if ("code" in error && error.code === "EPIPE") process.exit(DONE);
  throw error;
}

/** Whatever ends the process before the command is done (a model's code, later on), that is a failure, and not a silent one. */
function endedEarly(status: number): void {
  process.exitCode = FAILED;
  process.stderr.write(
    `error: something ended the process with status ${status} before the command was done: look for process.exit in the model\n`,
  );
}

let isFailing = false;

/** An error where nothing waits for one, such as in a timer of a model, or a promise that it forgot: nobody knows what is left undone. */
function failedBeside(error: unknown): void {
  if (isFailing) return;
  isFailing = true;
  process.off("exit", endedEarly);
  void Promise.all([import("./failures.js"), import("./options.js")]).then(
    ([{ describeError }, { printAside }]) => {
      printAside(`error: something failed that nothing waited for: ${describeError(error)}`);
      if (process.env["AMORTIS_DEBUG"] && error instanceof Error) printAside(error.stack ?? "");
      process.exit(FAILED);
    },
  );
}
