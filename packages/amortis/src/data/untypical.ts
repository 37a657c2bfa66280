/**
 * Warnings of data that are unlike those of the model.
 */
import { UNTYPICAL, type Judgement } from "./typicality.js";

/** Data sets that one warning names. */
const NAMED = 3;

/**
 * Data sets that are untypical, in one line; undefined where there are none, or no more of many than chance has.
 *
 * @param known data sets that are said to be unlike the simulations already.
 * @param replicates whether all have the same parameters. Where these are far out all of their data may be, so that no count is more than chance has but half of them, which
 * are as untypical as this in one of fifty at most (Markov).
 */
export function describeUntypical(
  { pValues, by }: Judgement,
  known: ReadonlySet<number>,
  replicates = false,
): string | undefined {
  const found = Array.from(pValues.keys()).filter(
    (i) => !known.has(i) && (pValues[i] ?? 1) < UNTYPICAL,
  );
  const n = pValues.length;
  // Of many data sets of the model a hundredth is found: three standard errors above it is more than chance.
  const expected = UNTYPICAL * n;
  const enough = replicates ? n / 2 : n > 1 ? expected + 3 * Math.sqrt(expected) : 1;
  if (found.length === 0 || found.length < enough) return undefined;
  if (n === 1) {
    return `the data are unlike those of the model: by ${by(0)}, at most ${short(100 * (pValues[0] ?? Number.NaN))} % of its own are as unusual; the model may not describe them, and the answer may be wrong; look at posterior-predictive checks`;
  }
  const named = found
    .toSorted((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0))
    .slice(0, NAMED)
    .map((i) => `${i} (p = ${short(pValues[i])}, by ${by(i)})`);
  const rest = found.length > NAMED ? `; and ${found.length - NAMED} more` : "";
  return `${found.length} of ${n} data sets are unlike those of the model, where chance has ${short(expected)}: number ${named.join("; ")}${rest}; the model may not describe them, and their answers may be wrong`;
}

function short(value: number | undefined): string {
  return String(Number((value ?? Number.NaN).toPrecision(2)));
}
