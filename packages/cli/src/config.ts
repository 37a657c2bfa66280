/**
 * Configuration files.
 */
import { readConfiguration, type Configuration } from "amortis/extend";
import { readJsonFile } from "./json-file.js";

/**
 * Reads a configuration file; options of the command line come first.
 *
 * @param path of the file; none where all is left to defaults.
 * @param options settings that the command line gives; those that are undefined are not given.
 * @throws FileError where it cannot be read; UsageError where it is no JSON; InvalidArgumentError where it says something that is not known.
 */
export async function readConfig(
  path: string | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<Configuration> {
  return readConfiguration(await mergeConfig(path, options), path ?? "the options");
}

/**
 * What a configuration file and options say together, as it is written: nothing of it is checked.
 *
 * @throws as `readConfig` does, but for InvalidArgumentError.
 */
export async function mergeConfig(
  path: string | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const file = path === undefined ? {} : await readJsonFile(path);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = typeof file === "object" && !Array.isArray(file);
  return settings ? { ...file, ...Object.fromEntries(given) } : file;
}
