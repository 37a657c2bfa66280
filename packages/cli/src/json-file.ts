/**
 * JSON files that users write.
 */
import { parseJsonText, readBytes, RepeatedNameError } from "amortis/files";
import { UsageError } from "./failures.js";

/**
 * Reads a JSON file; what it says is for the caller to check.
 *
 * @throws FileError where it cannot be read; UsageError where it is no JSON, or an object has a name twice.
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(path));
  try {
    return parseJsonText(text);
  } catch (cause) {
    if (cause instanceof RepeatedNameError)
      throw new UsageError(`${path}: ${cause.message}`, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path} is no JSON: ${reason}`, { cause });
  }
}
