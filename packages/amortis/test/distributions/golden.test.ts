import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { distributionFromJSON, type Distribution } from "../../src/distributions/index.js";
import { mismatches } from "../goodness-of-fit.js";
import { isScalar } from "./cases.js";

interface Golden {
  readonly json: { readonly name: string };
  readonly x: readonly (readonly number[])[];
  readonly logDensity: readonly (number | string)[];
  readonly cdf?: readonly number[];
  readonly p?: readonly number[];
  readonly quantile?: readonly number[];
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by distributions_golden.py
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/distributions-golden.json", import.meta.url), "utf8"),
) as readonly Golden[];

describe.each(golden.map((one) => [JSON.stringify(one.json).slice(0, 100), one] as const))(
  "%s",
  (_, one) => {
    const distribution: Distribution = distributionFromJSON(one.json);

    test("log-density", () => {
      const found = one.x.map((x) => distribution.logDensity(x));
      expect(
        mismatches(
          found,
          one.logDensity.map(Number),
          (wanted) => 1e-11 * Math.max(1, Math.abs(wanted)),
        ),
      ).toEqual([]);
    });

    test.runIf(one.cdf !== undefined)("distribution function and quantiles", () => {
      if (!isScalar(distribution)) throw new TypeError("a scalar distribution has these");
      const found = one.x.map(([x = 0]) => distribution.cdf(x));
      expect(mismatches(found, one.cdf ?? [], (wanted) => 1e-11 * Math.max(1e-4, wanted))).toEqual(
        [],
      );
      const quantiles = (one.p ?? []).map((p) => distribution.quantile(p));
      const spread = Math.abs((one.quantile?.[4] ?? 0) - (one.quantile?.[2] ?? 0));
      expect(
        mismatches(
          quantiles,
          one.quantile ?? [],
          (wanted) => 1e-11 * Math.max(spread, Math.abs(wanted)),
        ),
      ).toEqual([]);
    });
  },
);
