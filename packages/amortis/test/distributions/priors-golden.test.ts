import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { distributionFromJSON, isScalar } from "../../src/distributions/index.js";
import { mismatches } from "../goodness-of-fit.js";

interface Golden {
  readonly json: { readonly name: string };
  readonly x: readonly number[];
  readonly logDensity: readonly number[];
  readonly cdf: readonly number[];
  readonly p: readonly number[];
  readonly quantile: readonly number[];
  readonly mean: number | string;
  readonly variance: number | string;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by priors_golden.py
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/priors-golden.json", import.meta.url), "utf8"),
) as readonly Golden[];

describe.each(golden.map((one) => [JSON.stringify(one.json), one] as const))("%s", (_, one) => {
  const distribution = distributionFromJSON(one.json);
  if (!isScalar(distribution)) throw new TypeError("these are of one number");

  test("has SciPy's densities, distribution function and quantiles", () => {
    // SciPy's own quantiles are good to some 1e-10 where tails are powers.
    const close = (wanted: number): number => 1e-9 * Math.max(1e-3, Math.abs(wanted));
    expect(
      mismatches(
        one.x.map((x) => distribution.logDensity([x])),
        one.logDensity,
        close,
      ),
    ).toEqual([]);
    expect(
      mismatches(
        one.x.map((x) => distribution.cdf(x)),
        one.cdf,
        close,
      ),
    ).toEqual([]);
    expect(
      mismatches(
        one.p.map((p) => distribution.quantile(p)),
        one.quantile,
        close,
      ),
    ).toEqual([]);
  });

  test("has SciPy's moments", () => {
    const moments = [distribution.mean, distribution.variance].map((value, i) => {
      const wanted = Number(i === 0 ? one.mean : one.variance);
      // What is not finite is NaN of some in SciPy and infinite of others.
      return Number.isFinite(wanted)
        ? Math.abs(value / wanted - 1) < 1e-9 || value === wanted
        : !Number.isFinite(value);
    });
    expect(moments).toEqual([true, true]);
  });

  test("comes back from JSON", () => {
    expect(distributionFromJSON(distribution.toJSON()).toJSON()).toEqual(distribution.toJSON());
  });
});
