/**
 * Estimators that are served: read once, checked, and handed to every thread as the same bytes.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import {
  answersWith,
  FileError,
  load,
  type AnswerAbout,
  type ArraySpecs,
  type Estimator,
} from "amortis/answers";

/** An estimator that is served. */
export interface Served {
  /** Its name in addresses: the file's, without .amortis. */
  readonly name: string;
  /** Of its bytes, SHA-256 in hexadecimal, the first 16 digits. */
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly about: AnswerAbout;
  readonly specs: ArraySpecs;
  readonly parameters: readonly string[];
  readonly details: Estimator["details"];
}

/** What a thread has of an estimator. */
export function sentTo({ name, digest, bytes }: Served): Pick<Served, "name" | "digest" | "bytes"> {
  return { name, digest, bytes };
}

/** What addresses have without being escaped. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Reads estimators.
 *
 * @param files paths; of each, the file's name without .amortis is the estimator's.
 * @throws FileError where one is missing or damaged, where two have one name, or a name does not do in addresses.
 */
export async function readServed(files: readonly string[]): Promise<readonly Served[]> {
  const all = await Promise.all(files.map(readOne));
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new FileError(`two files would be served as "${twice}": rename one`);
  }
  return all;
}

async function readOne(path: string): Promise<Served> {
  const name = basename(path).replace(/\.amortis$/, "");
  if (!NAME.test(name)) {
    throw new FileError(
      `${path} would be served as "${name}", but names are letters, digits, ".", "_" and "-", at most 100: rename the file`,
    );
  }
  // By path, so that what is wrong is said of it.
  const estimator = await load(path);
  const bytes = await readFile(path);
  const served = {
    name,
    digest: createHash("sha256").update(bytes).digest("hex").slice(0, 16),
    bytes,
    about: await answersWith(estimator),
    specs: estimator.dataSpecs,
    parameters: estimator.parameterNames,
    details: estimator.details,
  };
  await estimator.release();
  return served;
}
