/**
 * `amortis init`: a model file to begin with.
 */
import { writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { grid, series, set, vector, type ArraySpecInput } from "amortis";
import { modelSource } from "amortis/extend";
import { InvalidArgumentError, type Command } from "commander";
import { UsageError } from "../failures.js";
import { exists, print, printJson, requireWritable } from "../options.js";

const DETAILS = `
Parameters are names, with the ends of uniform priors where they are not -1 and 1: mu, sigma:0..2. Data are names with sizes, and with what the array
is where that is more than sizes: n, y:20, z:grid:16x16, weather:series:30x2, trials:set:50x2, summaries:vector:5.
The file can be checked and trained as it is; its simulator stands in for yours.

Examples:
  amortis init line.ts --parameters offset:-5..5,slope --data y:20
  amortis init trial.ts --parameters drift,bound:0..3 --data trials:set:50x2,dose
  amortis check line.ts
  amortis train line.ts --out line.amortis`;

type Priors = Readonly<Record<string, readonly [number, number]>>;
type Arrays = Readonly<Record<string, ArraySpecInput>>;

interface Options {
  readonly parameters: Priors;
  readonly data: Arrays;
  readonly name?: string;
  readonly json?: true;
}

/** What the subcommand takes and does. */
export function addInit(command: Command): void {
  command
    .description("Write a model file to begin with, from the names of parameters and data.")
    .argument("<FILE.ts>", "file to write; one that is there already is left alone")
    .requiredOption("--parameters <NAMES>", "parameters, see below", readParameters)
    .requiredOption("--data <ARRAYS>", "data with their sizes, see below", readArrays)
    .option("--name <NAME>", "name of the model (default: that of the file)")
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(run);
}

async function run(path: string, { parameters, data, name, json }: Options): Promise<void> {
  const extension = extname(path);
  if (![".ts", ".mts"].includes(extension)) {
    throw new UsageError(`${path} must be a TypeScript file: name it ${path}.ts, for instance`);
  }
  if (await exists(path)) {
    throw new UsageError(`${path} is there already, and is left alone: name another file`);
  }
  await requireWritable(path);
  const model = { name: name ?? basename(path, extension), parameters, data };
  await writeFile(path, modelSource(model), { flag: "wx" });
  if (json === true) printJson({ file: path, ...model });
  else
    print(`${path}: put your simulator in its place, and see what it does: amortis check ${path}`);
}

/** "mu,sigma:0..2". */
function readParameters(text: string, before: Priors = {}): Priors {
  const entries = text.split(",").map((part): [string, readonly [number, number]] => {
    const [name = "", range] = part.trim().split(":");
    if (range === undefined) return [name, [-1, 1]];
    const [lower, upper] = range.split("..").map((end) => (end === "" ? Number.NaN : Number(end)));
    if (lower === undefined || upper === undefined || !(lower < upper)) {
      throw new InvalidArgumentError(`"${part}" must be NAME or NAME:LOWER..UPPER, as sigma:0..2.`);
    }
    return [name, [lower, upper]];
  });
  return { ...before, ...Object.fromEntries(entries) };
}

const KINDS: Readonly<Record<string, (sizes: readonly number[]) => ArraySpecInput | undefined>> = {
  vector: ([size, ...others]) =>
    size !== undefined && others.length === 0 ? vector(size) : undefined,
  set: ([count, of, ...others]) =>
    count !== undefined && others.length === 0
      ? set(count, of === undefined ? {} : { of })
      : undefined,
  series: ([length, channels, ...others]) =>
    length !== undefined && others.length === 0
      ? series(length, channels === undefined ? {} : { channels })
      : undefined,
  grid: ([height, width, channels, ...others]) =>
    height !== undefined && width !== undefined && others.length === 0
      ? grid(height, width, channels === undefined ? {} : { channels })
      : undefined,
};

/** "n,y:20,z:grid:16x16". */
function readArrays(text: string, before: Arrays = {}): Arrays {
  const entries = text.split(",").map((part): [string, ArraySpecInput] => {
    const [name = "", ...rest] = part.trim().split(":");
    const sizes = rest.at(-1)?.split("x").map(Number) ?? [];
    const kind = rest.length === 2 ? KINDS[rest[0] ?? ""] : undefined;
    const good = sizes.every((size) => Number.isInteger(size) && size > 0);
    const spec = rest.length < 2 ? sizes : kind?.(sizes);
    if (!good || spec === undefined || rest.length > 2) {
      throw new InvalidArgumentError(
        `"${part}" must be NAME, NAME:SIZES or NAME:KIND:SIZES, as y:20 or z:grid:16x16; kinds are ${Object.keys(KINDS).join(", ")}.`,
      );
    }
    return [name, spec];
  });
  return { ...before, ...Object.fromEntries(entries) };
}
