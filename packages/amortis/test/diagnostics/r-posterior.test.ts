/**
 * R-hat, effective sizes, Monte Carlo errors and Pareto-smoothed weights: what R's posterior and loo say of the same numbers.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { convergence, monteCarloErrors } from "../../src/diagnostics/index.js";
import { paretoSmooth } from "../../src/samplers/index.js";

const golden = JSON.parse(
  readFileSync(new URL("../fixtures/r-posterior-golden.json", import.meta.url), "utf8"),
) as {
  readonly levels: readonly number[];
  /** What is not finite is "NA" or "Inf". */
  readonly chains: readonly {
    readonly name: string;
    readonly chains: readonly number[][];
    readonly rHat: number | string;
    /** The same of chains without their middle draws. */
    readonly rHatOfHalves: number | string;
    readonly bulkEss: number | string;
    /** Of indicators at the levels. */
    readonly quantileEss: readonly (number | string)[];
    readonly meanEss: number | string;
    readonly squareEss: number | string;
    readonly meanError: number | string;
    readonly sdError: number | string;
    readonly quantileErrors: readonly (number | string)[];
  }[];
  readonly weights: readonly {
    readonly name: string;
    readonly logWeights: readonly number[];
    readonly smoothed: readonly number[];
    readonly k: number | string;
    readonly effective: number;
  }[];
};

/** A number of the fixture. */
const numberOf = (value: number | string | undefined): number =>
  typeof value === "number" ? value : value === "Inf" ? Infinity : Number.NaN;

/** How far a number is from a reference, as a part of that; zero of NaN and Infinity from themselves. */
function errorOf(found: number, reference: number): number {
  return Object.is(found, reference) ? 0 : Math.abs(found - reference) / Math.abs(reference);
}

/** Chains with halves of an odd length whose sums of neighbouring correlations stay above zero to the end: posterior leaves out the last of them. */
const TO_THE_END = ["far apart, odd", "of two spreads"];

describe.each(golden.chains)("chains: $name", (one) => {
  const { name, chains } = one;
  const half = Math.floor((chains[0]?.length ?? 0) / 2);
  const draws = 2 * half * chains.length;
  const isConstant = chains.flat().every((x) => x === chains[0]?.[0]);

  it("R-hat is posterior's", () => {
    const { rHat } = convergence(chains);
    const theirs = numberOf(one.rHat);
    // There draws, or distances from the median, that are all one value have none; here the latter say nothing. Chains that are stuck differ by rounding there.
    const ofBulk = isConstant ? NaN : Math.sqrt((half - 1) / half);
    // Distances are from the median of all draws there; here, as in ArviZ, of those in the halves.
    const wanted = theirs > 1e12 ? Infinity : numberOf(one.rHatOfHalves);
    expect(errorOf(rHat, one.rHat === "NA" ? ofBulk : wanted)).toBeLessThan(1e-8);
    expect(theirs < 10 ? errorOf(rHat, theirs) : 0).toBeLessThan(0.002);
  });

  /**
   * What this library makes of an effective size of posterior's. What does not vary has none there, and here is worth its draws; where the first two correlations add up to nothing, or halves are
   * too short to have others, posterior answers half the draws, and the rule (the largest effective size of antithetic chains) is S log10 S.
   */
  const sizeFrom = (reference: number | string | undefined): number => {
    const size = numberOf(reference);
    if (Number.isNaN(size)) return draws;
    return size === draws / 2 ? draws * Math.log10(draws) : size;
  };
  const scaled = (error: number | string, size: number | string): number =>
    numberOf(error) * Math.sqrt(numberOf(size) / sizeFrom(size));

  // Halves of two draws have no size there.
  it.skipIf(half < 3)("effective sizes and Monte Carlo errors are posterior's", () => {
    const { bulkEss, tailEss } = convergence(chains);
    const [low = NaN, , high = NaN] = one.quantileEss.map(sizeFrom);
    const { mean, sd, quantiles } = monteCarloErrors(chains, golden.levels);
    const errors = {
      bulkEss: errorOf(bulkEss, sizeFrom(one.bulkEss)),
      tailEss: errorOf(tailEss, Math.min(low, high)),
      mean: errorOf(mean, scaled(one.meanError, one.meanEss)),
      sd: errorOf(sd, scaled(one.sdError, one.squareEss)),
      quantiles: quantiles.map((error, i) =>
        one.quantileEss[i] === draws / 2 ? 0 : errorOf(error, numberOf(one.quantileErrors[i])),
      ),
    };
    const tolerance = TO_THE_END.includes(name) ? 0.1 : 1e-8;
    const all = Object.entries(errors).flatMap(([what, of]) =>
      [of].flat().map((error) => ({ what, error, isSmall: error < tolerance })),
    );
    expect(all.filter(({ isSmall }) => !isSmall)).toEqual([]);
  });
});

test("Monte Carlo errors of a draw that is no number are unknown, and chains that are too short are refused", () => {
  expect(monteCarloErrors([[1, 2, 3, NaN, 5, 6]], [0.5])).toEqual({
    mean: NaN,
    sd: NaN,
    quantiles: [NaN],
  });
  expect(() => monteCarloErrors([[1, 2, 3]])).toThrow(
    "monteCarloErrors needs chains of one length of 4 or more, but was given 3",
  );
});

/** Log weights that are to be in the tail, and the largest other one. */
function tailOf(logWeights: readonly number[]) {
  const n = logWeights.length;
  const size = Math.ceil(Math.min(n / 5, 3 * Math.sqrt(n)));
  const sorted = logWeights.toSorted((a, b) => b - a);
  const cut = sorted[size] ?? NaN;
  return { size, above: logWeights.filter((value) => value > cut).length };
}

describe("log weights", () => {
  const isTied = ({ logWeights }: { readonly logWeights: readonly number[] }): boolean => {
    const { size, above } = tailOf(logWeights);
    return above > 4 && above < size;
  };

  test.each(golden.weights.filter((one) => !isTied(one)))(
    "$name: smoothed, their k and number are loo's",
    ({ logWeights, smoothed, k, effective }) => {
      const found = paretoSmooth(logWeights);
      expect(errorOf(found.k, numberOf(k))).toBeLessThan(1e-8);
      expect(errorOf(found.effective, effective)).toBeLessThan(1e-8);
      const worst = found.logWeights.map((value, i) => Math.abs(value - (smoothed[i] ?? NaN)));
      expect(Math.max(...worst)).toBeLessThan(1e-8);
    },
  );

  // loo has as many of these in the tail as complete its length. Here, as in ArviZ, the tail is what lies above:
  test.each(golden.weights.filter(isTied))(
    "$name: of the largest that are not in the tail, none is",
    ({ logWeights, k }) => {
      const found = paretoSmooth(logWeights);
      const { above } = tailOf(logWeights);
      const moved = found.logWeights.filter(
        (value, i) => Math.abs(value - (logWeights[i] ?? NaN) - shiftOf(logWeights, found)) > 1e-9,
      );
      expect(moved.length).toBeLessThanOrEqual(above);
      expect(Math.abs(found.k - numberOf(k))).toBeLessThan(0.3);
    },
  );
});

/** What normalising took off the smallest log weight, which no tail has. */
function shiftOf(
  logWeights: readonly number[],
  found: { readonly logWeights: Float64Array },
): number {
  const least = logWeights.indexOf(Math.min(...logWeights));
  return (found.logWeights[least] ?? NaN) - (logWeights[least] ?? NaN);
}
