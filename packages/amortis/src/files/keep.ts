/**
 * Files that took long to make: what cannot be written where it should be is kept elsewhere.
 */
import { fs, path as paths, tmpdir } from "#platform";
import { AmortisError } from "@amortis/graph";
import { writeBytes } from "./bytes.js";

/** What was to be saved is not where it should be: the message says why, and where it is. */
export class UnsavedError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("unsaved", message, options);
  }
}

/**
 * Writes a file whole or not at all. Where it cannot be written, it is kept in a folder of its own among the temporary files.
 *
 * @throws UnsavedError where it is not in its place.
 */
export async function writeOrKeep(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeBytes(path, bytes);
  } catch (error) {
    const why = messageOf(error);
    // What the system said, and not our own error of bad input: after hours of training, it is a failure.
    const cause = error instanceof Error ? error.cause : error;
    const kept = await keep(path, bytes).catch((second: unknown) => {
      throw new UnsavedError(`${why}; nor could it be kept elsewhere: ${messageOf(second)}`, {
        cause,
      });
    });
    throw new UnsavedError(`${why}; it is kept in ${kept}: move it from there`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Writes a file of the same name among the temporary ones. */
async function keep(path: string, bytes: Uint8Array): Promise<string> {
  const folder = await fs.mkdtemp(paths.join(tmpdir(), "amortis-kept-"));
  const kept = paths.join(folder, paths.basename(path));
  await writeBytes(kept, bytes);
  return kept;
}
