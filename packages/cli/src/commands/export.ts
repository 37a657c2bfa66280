/**
 * `amortis export`: an estimator's programs as plain ONNX.
 */
import { join } from "node:path";
import { load } from "amortis";
import { exportOnnx, exportSingleTrial } from "amortis/extend";
import { writeBytes } from "amortis/files";
import type { Command } from "commander";
import { print, printJson } from "../options.js";

const DETAILS = `
Each program is one model of standard operators at operator set 21, weights included, with any number of data sets and draws: data to what networks make of
them, that and noise to draws, that and parameters to log-densities, data to points and quantiles. README.md beside them says what each takes and gives;
example.py, example.R and example.mjs call them.

With --single-trial: a likelihood or ratio as one function of one vector, parameters and then the numbers of a trial, to a number; every shape is known, as samplers
of other libraries take it. Its gradient is beside it, and pymc_example.py and numpyro_example.py sample with it.

Examples:
  amortis export field.amortis --onnx field-onnx
  cd field-onnx && python example.py
  amortis export decisions.amortis --onnx decisions-trial --single-trial`;

interface ExportCommandOptions {
  readonly onnx: string;
  readonly singleTrial?: true;
  readonly json?: true;
}

/** What the subcommand takes and does. */
export function addExport(command: Command): void {
  command
    .description("Write an estimator's programs as plain ONNX, for any language.")
    .argument("<FILE.amortis>", "estimator that `amortis train` wrote")
    .requiredOption("--onnx <DIR>", "folder to write to, which need not be there")
    .option("--single-trial", "a likelihood or ratio of one trial, for PyMC and NumPyro")
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(async (path: string, { onnx, json, singleTrial }: ExportCommandOptions) => {
      const fitted = await load(path);
      const files = singleTrial === true ? await exportSingleTrial(fitted) : exportOnnx(fitted);
      for (const [name, bytes] of Object.entries(files)) await writeBytes(join(onnx, name), bytes);
      const names = Object.keys(files);
      if (json === true) printJson({ folder: onnx, files: names });
      else print(`${onnx}: ${names.join(", ")}`);
    });
}
