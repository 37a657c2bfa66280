/**
 * Estimator files whose programs break one rule each, with checksums that fit: refused in one line, or, where what is changed is allowed, run.
 */
import { readdir, readFile } from "node:fs/promises";
import { answerSheet } from "../../packages/amortis/src/answers.js";
import { AmortisError, stream } from "../../packages/amortis/src/index.js";
import { decodeContents, type Contents } from "../../packages/amortis/src/estimators/contents.js";
import { encodeContents } from "../../packages/amortis/src/estimators/encode-contents.js";
import { openEstimator } from "../../packages/amortis/src/estimators/load.js";
import { CHANGES, mutatedProgram, type Below } from "./program-mutants.js";

/** What became of mutants, by the rule they break. */
export interface ProgramOutcome {
  readonly kind: string;
  mutants: number;
  /** Refused by the library in one line, before any runtime saw the program. */
  refused: number;
  /** Let in, and answered. */
  answered: number;
  /** Let in, and refused in one line when asked: numbers that are not finite, for instance. */
  stopped: number;
  /** Anything else. */
  readonly faults: string[];
}

/** Golden files of each version: what is changed is written anew, as the newest version. */
const golden = ["files", "files-2"].map(
  (folder) => new URL(`../../packages/amortis/test/golden-files/${folder}/`, import.meta.url),
);

async function seeds(): Promise<readonly Contents[]> {
  const folders = golden.map(async (folder) => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".amortis")).toSorted();
    return names.map(async (name) =>
      decodeContents(new Uint8Array(await readFile(new URL(name, folder))), name),
    );
  });
  return Promise.all((await Promise.all(folders)).flat());
}

function faultOf(error: unknown): string | undefined {
  if (!(error instanceof AmortisError)) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return /[\n\p{Cc}]/u.test(error.message) ? `not one line: ${error.message}` : undefined;
}

/** Asks an estimator of a data set of halves. */
async function ask(contents: Contents): Promise<void> {
  const fitted = await openEstimator(contents, { onWarning: () => {}, threads: 1 });
  const data = Object.fromEntries(
    Object.entries(fitted.dataSpecs).map(([name, { shape }]) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5) },
    ]),
  );
  try {
    const theta = new Float64Array(fitted.parameterNames.length).fill(0.5);
    switch (fitted.kind) {
      // Their programs, without chains and grids.
      case "ratio":
        await fitted.logRatio(data, theta);
        break;
      case "likelihood":
        await fitted.logLikelihood(data, theta);
        break;
      default:
        await answerSheet(fitted, data, { samples: 10 });
    }
  } finally {
    await fitted.release();
  }
}

/**
 * Makes mutants, the rules in turn, and loads them. The same numbers and seed make the same mutants.
 *
 * @param asked of those that are let in, the share that is run.
 */
export async function fuzzPrograms(
  mutants: number,
  seed: number,
  asked = 1,
): Promise<readonly ProgramOutcome[]> {
  const files = await seeds();
  const kinds = Object.keys(CHANGES);
  const outcomes = kinds.map((kind): ProgramOutcome => ({
    kind,
    mutants: 0,
    refused: 0,
    answered: 0,
    stopped: 0,
    faults: [],
  }));
  for (let i = 0; i < mutants; i++) {
    const outcome = outcomes[i % kinds.length];
    if (outcome === undefined) continue;
    const random = stream(seed).split("programs").split(i);
    const below: Below = (n) => Math.min(n - 1, Math.floor(random.uniform() * n));
    const original = files[below(files.length)];
    if (original === undefined) continue;
    const names = Object.keys(original.programs);
    const name = names[below(names.length)] ?? "";
    const changed = mutatedProgram(
      original.programs[name] ?? new Uint8Array(),
      outcome.kind,
      below,
    );
    outcome.mutants++;
    let entered: Contents | undefined;
    try {
      const bytes = await encodeContents({
        ...original,
        programs: { ...original.programs, [name]: changed },
      });
      entered = await decodeContents(bytes, "x.amortis");
      if (random.uniform() < asked) await ask(entered);
      outcome.answered++;
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== undefined) {
        outcome.faults.push(
          `mutant ${i} of seed ${seed}, program "${name}" of ${original.details.method}: ${fault}`,
        );
      } else if (entered === undefined) outcome.refused++;
      else outcome.stopped++;
    }
  }
  return outcomes;
}
