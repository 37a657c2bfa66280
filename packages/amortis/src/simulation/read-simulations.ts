/**
 * Simulations from where they are: a folder that `simulate` wrote, or files that something else did.
 */
import { fs, inNode } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import { addressText, fileOf, isAddress, type Address } from "../address.js";
import { isArrayData, type FileArrays, type Note } from "../data/array-data.js";
import { joinColumns } from "../data/named-columns.js";
import { readData, type ReadOptions } from "../files/data-file.js";
import type { AnyModel } from "../model/index.js";
import { openDataSet, type StoredDataSet } from "./data-set.js";
import { folderOf, isFolder, type FolderAddress } from "./folder.js";
import { simulationsFrom, type Arrays } from "./foreign.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import type { SimulatedData } from "./simulated-data.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How simulations are read. */
export interface ReadSimulationsOptions extends ReadOptions, InvalidPolicy {
  /** File of the parameters, where they are not among the others: an array [n, p] in the model's order, or columns by name. */
  readonly parameters?: Address;
}

const KNOWN: KnownOptions<ReadSimulationsOptions> = {
  parameters: true,
  onNote: true,
  largest: true,
  onInvalid: true,
  onWarning: true,
};

/**
 * Reads simulations of a model, to train on: a folder of `simulate`, or files (.npz, .npy, .parquet, .csv, .json) made in Python, R, Julia or anything else.
 *
 * Arrays and columns have the model's names; `theta` (or `parameters`) is all parameters in one array, [n, p]. A .npy file is an array of
 * the file's own name. Shapes are [n, ...shape], flat [n, m], or with the simulations along the last axis. Simulations whose data are not finite are left
 * out, and `invalid` says which.
 *
 * @param source a folder (a path, or one that a store has opened), a file, or several files.
 * @returns as `simulate` does.
 * @throws FileError, DataSetError where something cannot be read; DataError where arrays are missing, do not fit the model, or could be two things;
 *   SimulationError where no simulation is valid, or any is not with `onInvalid: "fatal"`.
 * @example
 * const data = await readSimulations(field, "simulations.npz");
 * const more = await readSimulations(field, ["theta.npy", "z.npy"]);
 * await train(npe(field), { data });
 */
export async function readSimulations<M extends AnyModel>(
  model: M,
  source: Address | FolderAddress | readonly Address[],
  options: ReadSimulationsOptions = {},
): Promise<SimulatedData<M["data"]>> {
  requireKnown("readSimulations", options, KNOWN);
  if (isFolder(source)) return readFolder(model, source, [], options);
  const sources = isAddress(source) ? [source] : source;
  const [first] = sources;
  if (first === undefined) throw new InvalidArgumentError("readSimulations: no file was given");
  return (await isDirectory(first))
    ? readFolder(model, addressText(first), sources.slice(1), options)
    : readFiles(model, sources, options);
}

async function isDirectory(source: Address): Promise<boolean> {
  if (!inNode || /^https?:/.test(addressText(source))) return false;
  return fs.readdir(fileOf(source)).then(
    () => true,
    () => false,
  );
}

async function readFolder(
  model: AnyModel,
  folder: FolderAddress,
  others: readonly Address[],
  { parameters, ...policy }: ReadSimulationsOptions,
): Promise<SimulatedData> {
  if (others.length > 0 || parameters !== undefined) {
    throw new InvalidArgumentError(
      `${folderOf(folder).name} is a folder, which holds parameters and data: give nothing else beside it`,
    );
  }
  const simulations = await (await openSimulations(model, folder)).read();
  if (policy.onInvalid === "fatal") {
    judgeInvalid(new InvalidTally(model.parameterNames).add(simulations), policy);
  }
  return simulations;
}

/**
 * Opens a folder that `simulate` wrote, of simulations of a model.
 *
 * @throws InvalidArgumentError where they are of another; DataSetError as `openDataSet` does.
 */
export async function openSimulations(
  model: AnyModel,
  folder: FolderAddress,
): Promise<StoredDataSet> {
  const stored = await openDataSet(folder);
  const { info } = stored;
  const shapes = (of: object): string => JSON.stringify(of);
  if (
    info.parameterNames.join() === model.parameterNames.join() &&
    shapes(info.dataShapes) === shapes(model.dataShapes)
  ) {
    return stored;
  }
  throw new InvalidArgumentError(
    `${folderOf(folder).name} holds simulations of "${info.model}" (parameters ${info.parameterNames.join(", ")}; data ${shapes(info.dataShapes)}), ` +
      `not of "${model.name}" (parameters ${model.parameterNames.join(", ")}; data ${shapes(model.dataShapes)})`,
  );
}

async function readFiles(
  model: AnyModel,
  sources: readonly Address[],
  options: ReadSimulationsOptions,
): Promise<SimulatedData> {
  const { parameters, onNote = console.warn, largest } = options;
  const reading = { onNote, ...(largest !== undefined && { largest }) };
  const [dataShapes, parameterShapes] = [model.dataShapes, shapesOfParameters(model)];
  const shapes = parameters === undefined ? { ...parameterShapes, ...dataShapes } : dataShapes;
  const files: [Address, Arrays][] = [];
  for (const source of sources) {
    const arrays = named(await readData(source, reading), stemOf(source));
    files.push([source, joinColumns(dataShapes, joinColumns(shapes, arrays, onNote), onNote)]);
  }
  if (parameters !== undefined) {
    const arrays = named(await readData(parameters, reading), "theta");
    files.push([parameters, parametersAmong(arrays, parameterShapes, onNote)]);
  }
  const simulations = simulationsFrom(model, together(files), onNote);
  judgeInvalid(new InvalidTally(model.parameterNames).add(simulations), options);
  return simulations;
}

function shapesOfParameters(model: AnyModel): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [name, shape]),
  );
}

/** The arrays of a file; one without a name has the file's. */
function named(arrays: FileArrays, stem: string): Arrays {
  return isArrayData(arrays) ? { [stem]: arrays } : arrays;
}

/** The name of a file without its folder and its extension. */
function stemOf(source: Address): string {
  const name = addressText(source).split(/[\\/]/).at(-1) ?? "";
  return name.replace(/\.[^.]*$/, "");
}

/** Of a file of parameters, those by name, or its only array as all of them. */
function parametersAmong(
  arrays: Arrays,
  shapes: Readonly<Record<string, readonly number[]>>,
  onNote: Note,
): Arrays {
  const joined = joinColumns(shapes, arrays, onNote);
  const own = Object.entries(joined).filter(([name]) => Object.hasOwn(shapes, name));
  if (own.length > 0) return Object.fromEntries(own);
  const [only, other] = Object.values(arrays);
  return only !== undefined && other === undefined ? { theta: only } : joined;
}

/** @throws InvalidArgumentError where two files have an array of one name. */
function together(files: readonly (readonly [Address, Arrays])[]): Arrays {
  const all: Record<string, ArrayOf> = {};
  for (const [source, arrays] of files) {
    for (const [name, array] of Object.entries(arrays)) {
      const before = all[name];
      if (before !== undefined) {
        throw new InvalidArgumentError(
          `both ${addressText(before.source)} and ${addressText(source)} have an array "${name}": give one of them`,
        );
      }
      all[name] = { source, array };
    }
  }
  return Object.fromEntries(Object.entries(all).map(([name, { array }]) => [name, array]));
}

interface ArrayOf {
  readonly source: Address;
  readonly array: Arrays[string];
}
