/**
 * Simulations that were made before, and transforms of them, as options of the command line.
 */
import { statSync } from "node:fs";
import { totalmem } from "node:os";
import {
  readSimulations,
  type AnyModel,
  type FolderAddress,
  type SimulatedData,
  type StoredDataSet,
} from "amortis";
import { parseJsonText, RepeatedNameError } from "amortis/files";
import { openSimulations, simulationBytes, type Note } from "amortis/extend";
import { InvalidArgumentError, Option } from "commander";
import { UsageError } from "./failures.js";
import { isRemote, openFolder } from "./folders.js";
import { TRANSFORM_HELP } from "./models.js";

/** Where simulations are, and what is done about invalid ones. */
export interface GivenSimulations {
  readonly data?: readonly string[];
  readonly parameters?: string;
  readonly onInvalid?: "exclude" | "fatal";
}

/**
 * Simulations made before, and what was noted of them.
 *
 * @returns undefined where none are named.
 * @throws UsageError where parameters are named alone; as `readSimulations` does.
 */
export async function readGiven(
  { data, parameters, onInvalid }: GivenSimulations,
  model: AnyModel,
  onNote: Note,
): Promise<SimulatedData | undefined> {
  if (data === undefined) {
    if (parameters === undefined) return undefined;
    throw new UsageError(
      "--parameters are those of the simulations in --data: give the files of both",
    );
  }
  return readSimulations(model, await sourceOf(data), {
    onNote,
    ...(parameters !== undefined && { parameters }),
    ...(onInvalid !== undefined && { onInvalid }),
    onWarning: (message) => {
      onNote(`warning: ${message}`);
    },
  });
}

/** Files and folders of this machine, or the one folder of a store. */
async function sourceOf(data: readonly string[]): Promise<readonly string[] | FolderAddress> {
  const remote = data.find(isRemote);
  if (remote === undefined) return data;
  if (data.length === 1) return openFolder(remote);
  throw new UsageError(
    `${remote} is a folder, which holds parameters and data: give nothing else beside it`,
  );
}

/** Share of the machine's memory that simulations may take; training has them in single precision beside. */
const MEMORY_SHARE = 4;

/**
 * A folder of simulations that stays on disk while it is trained on, because it is too large or that was asked for.
 *
 * @returns undefined where nothing of the kind is named: `readGiven` reads it.
 */
export async function openGiven(
  { data, parameters, onInvalid }: GivenSimulations,
  model: AnyModel,
  asked: boolean | undefined,
): Promise<StoredDataSet | undefined> {
  const [folder, other] = data ?? [];
  const isFolder =
    folder !== undefined &&
    other === undefined &&
    parameters === undefined &&
    (isRemote(folder) || statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true);
  if (!isFolder) {
    if (asked !== true) return undefined;
    throw new UsageError("--stream is of a folder of `amortis simulate`: give one as --data");
  }
  const stored = await openSimulations(model, await openFolder(folder));
  const large = stored.size * simulationBytes(model) > totalmem() / MEMORY_SHARE;
  if (asked === false || !(asked === true || large)) return undefined;
  if (onInvalid === "fatal" && stored.info.invalid > 0) {
    throw new UsageError(`${stored.info.invalid} of the simulations in ${folder} are invalid`);
  }
  return stored;
}

/** --data: simulations made before. */
export function dataOption(about: string, conflicts: readonly string[]): Option {
  return new Option(
    "--data <SOURCE>",
    `simulations made before, in place of new ones: ${about}; may be given several times`,
  )
    .argParser(collect)
    .conflicts([...conflicts]);
}

/** --parameters: those of simulations made before. */
export function parametersOption(): Option {
  return new Option(
    "--parameters <FILE>",
    "parameters of the simulations in --data, where they are apart",
  );
}

/** --transform: of the data. */
export function transformOption(): Option {
  return new Option("--transform <SOURCE>", `${TRANSFORM_HELP}; several are joined`).argParser(
    collect,
  );
}

/** --column: a transform of one column of the data. */
export function columnOption(about: string): Option {
  return new Option(
    "--column <NAME=TRANSFORM>",
    `a transform of a column of the data: ${about}`,
  ).argParser(collectColumns);
}

/** An option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Transforms of columns by name: a name alone, or JSON. */
function collectColumns(
  value: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const at = value.indexOf("=");
  const [name, transform] = [value.slice(0, at), value.slice(at + 1)];
  if (at <= 0 || transform === "") {
    throw new InvalidArgumentError("It must be NAME=TRANSFORM, such as income=log.");
  }
  return { ...before, [name]: transform.startsWith("{") ? parsed(transform) : transform };
}

function parsed(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    const reason = error instanceof RepeatedNameError ? `: ${error.message}` : " is no JSON";
    throw new InvalidArgumentError(`${text}${reason}.`);
  }
}
