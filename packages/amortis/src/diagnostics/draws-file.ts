/**
 * Draws that other programs made, from files, as diagnostics take them.
 */
import { isArrayData, type ArrayData, type FileArrays } from "../data/array-data.js";
import { DataError } from "../data/simulator-output.js";
import type { ScoredDraws } from "./scored-draws.js";
import { thinnedChains } from "./thinned-chains.js";

/** Names that the truths may go by. */
const TRUTHS = ["truth", "theta"] as const;

/**
 * Draws and truths of a file with the arrays `draws`, [data sets, draws, parameters], and `truth` or `theta`, [data sets, parameters]. Of one parameter the last axis may be left out.
 * Markov chains are [data sets, chains, draws, parameters], and come back thinned: see `thinnedChains`.
 *
 * @param names of the parameters; by default `theta[0]`, `theta[1]`, ...
 * @throws DataError where an array is missing, or shapes do not fit each other.
 * @example diagnoseDraws(scoredDrawsOf(await readData("draws.npz"))).verdict
 */
export function scoredDrawsOf(arrays: FileArrays, names?: readonly string[]): ScoredDraws {
  const named = isArrayData(arrays) ? {} : arrays;
  const draws = arrayOf(named, ["draws"]);
  const truth = arrayOf(named, TRUTHS);
  const isChains = draws.shape.length === 4;
  const [n, each, p = 1] = isChains ? [draws.shape[0], ...draws.shape.slice(2)] : draws.shape;
  const [rows, columns = 1] = truth.shape;
  if (each === undefined || draws.shape.length > 4 || rows !== n || columns !== p) {
    throw new DataError(
      `draws must be [data sets, draws, parameters] or [data sets, chains, draws, parameters], and truths [data sets, parameters], but they are [${draws.shape.join(", ")}] and [${truth.shape.join(", ")}]`,
    );
  }
  if (names !== undefined && names.length !== p) {
    throw new DataError(`draws are of ${p} parameter(s), but ${names.length} names were given`);
  }
  const scored = {
    draws: draws.data,
    truth: truth.data,
    names: names ?? Array.from({ length: p }, (_, k) => (p === 1 ? "theta" : `theta[${k}]`)),
  };
  return isChains ? thinnedChains(scored, draws.shape[1] ?? 1) : scored;
}

function arrayOf(named: Readonly<Record<string, ArrayData>>, names: readonly string[]): ArrayData {
  const name = names.find((known) => Object.hasOwn(named, known));
  const array = name === undefined ? undefined : named[name];
  if (array !== undefined) return array;
  throw new DataError(
    `a diagnosis of draws needs the arrays "draws" and "truth", but the file has ${Object.keys(named).join(", ") || "one array without a name"}`,
  );
}
