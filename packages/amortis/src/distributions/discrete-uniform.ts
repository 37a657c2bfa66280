import { discrete } from "./discrete.js";
import { requireSetting, type ScalarDistribution } from "./distribution.js";

/** Values that one may be among. */
const MOST = 2 ** 16;

/**
 * A whole number between two, ends included, each as likely as the others: how many replicates there are, for instance.
 *
 * @throws InvalidArgumentError unless `from` and `to` are whole, in order, and up to 65,536 numbers.
 * @example sizes: { m: discreteUniform(1, 50) }
 */
export function discreteUniform(from: number, to: number): ScalarDistribution {
  return discrete(numbersBetween("discreteUniform(from, to)", from, to));
}

/**
 * A whole number between two, ends included, as likely to lie between 1 and 10 as between 10 and 100: P(k) ∝ log((k + ½) / (k - ½)). What is to answer for
 * few and for many has as many examples of either.
 *
 * @throws InvalidArgumentError unless `from` and `to` are whole, in order, `from` is 1 at least, and they are up to 65,536 numbers.
 * @example sizes: { m: discreteLogUniform(1, 1_000) }
 */
export function discreteLogUniform(from: number, to: number): ScalarDistribution {
  const what = "discreteLogUniform(from, to)";
  requireSetting(from >= 1, what, "needs a least number of 1 at least", from);
  const values = numbersBetween(what, from, to);
  return discrete(
    values,
    values.map((k) => Math.log((k + 0.5) / (k - 0.5))),
  );
}

function numbersBetween(what: string, from: number, to: number): readonly number[] {
  const fits = Number.isInteger(from) && Number.isInteger(to) && from <= to && to - from < MOST;
  requireSetting(fits, what, `needs two whole numbers in order, less than ${MOST} apart`, [
    from,
    to,
  ]);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
