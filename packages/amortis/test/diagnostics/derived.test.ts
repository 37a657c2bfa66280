/**
 * Diagnoses of quantities that follow from the parameters.
 */
import { describe, expect, it } from "vitest";
import { derivedDraws, diagnoseDraws, diagnosisDocument } from "../../src/diagnostics/index.js";
import { diagnosisFigure, diagnosisReport } from "../../src/figures/index.js";
import { closedForm } from "./closed-form.js";

type One = { readonly theta0: number };

const sumAndDifference = ({ theta0, theta1 }: { theta0: number; theta1: number }) => ({
  sum: theta0 + theta1,
  difference: theta0 - theta1,
});

describe("derived quantities", () => {
  it("show what no parameter shows by itself: a correlation that is not there", () => {
    // Draws of either parameter are right. Sums have the variance 1 + 0.6 in the place of 1, differences 1 - 0.6.
    const scored = closedForm(1000, 63, 2, 3, { correlation: 0.6 });
    const found = diagnoseDraws(scored, {
      derived: derivedDraws(scored, sumAndDifference),
    });
    const words = found.verdict.join("\n");
    expect(found.parameters.map(({ name }) => name)).toEqual(["theta0", "theta1"]);
    expect(found.derived.map(({ name }) => name)).toEqual(["sum", "difference"]);
    expect(words).toMatch(/^sum is underconfident: .* about 1\.[23]\d? times/m);
    expect(words).toMatch(/^difference is overconfident: .* about 0\.[67]\d? times/m);
    expect(words).not.toMatch(/^theta/m);
    // 90 % intervals of a normal whose standard deviation is √0.4 of the right one hold Φ(1.645 √0.4) - Φ(-1.645 √0.4) = 70.2 %, ± 4 standard errors of 1.5 %.
    const at90 = found.derived[1]?.coverage.find(({ level }) => level === 0.9)?.share.value;
    expect(Math.abs((at90 ?? Number.NaN) - 0.702)).toBeLessThan(0.06);
    for (const name of ["sum", "difference"]) {
      expect(diagnosisFigure(found)).toContain(`${name}: rank histogram`);
      expect(diagnosisReport(found)).toContain(`<td>${name}</td>`);
    }
    expect(diagnosisDocument(found)).toMatchObject({
      parameters: [{ name: "theta0" }, { name: "theta1" }],
      derived: [{ name: "sum" }, { name: "difference" }],
    });
  });

  it("are in other units what parameters are", () => {
    const scored = closedForm(200, 63, 1, 5);
    const derived = derivedDraws(scored, ({ theta0 }: One) => ({ other: [5 - 2 * theta0] }));
    const found = diagnoseDraws(scored, { derived });
    const [theta, other] = [found.parameters[0], found.derived[0]];
    expect(other?.name).toBe("other[0]");
    expect(other?.scores.rmse.value).toBeCloseTo(2 * (theta?.scores.rmse.value ?? NaN), 6);
    expect(other?.scores.bias.value).toBeCloseTo(-2 * (theta?.scores.bias.value ?? NaN), 6);
    expect(other?.recovery.value).toBeCloseTo(theta?.recovery.value ?? NaN, 6);
    expect(other?.contraction.value).toBeCloseTo(theta?.contraction.value ?? NaN, 6);
    // Ranks from the other end: of 63 draws, 0 to 63.
    const ranksOf = (fractions: Float64Array | undefined): number[] =>
      Array.from(fractions ?? [], (u) => Math.floor(64 * u));
    expect(ranksOf(other?.fractions)).toEqual(ranksOf(theta?.fractions).map((rank) => 63 - rank));
  });

  it("of data sets that are refused are left out with them", () => {
    const scored = closedForm(100, 40, 1, 7);
    scored.draws.fill(Number.NaN, 0, 40);
    const derived = derivedDraws(scored, ({ theta0 }: One) => ({ square: theta0 ** 2 }));
    const found = diagnoseDraws(scored, { derived });
    expect(found).toMatchObject({ simulations: 99, refused: 1 });
    expect(found.derived[0]?.truth).toHaveLength(99);
    expect(found.derived[0]?.mean.every(Number.isFinite)).toBe(true);
  });

  it("are refused where they cannot be judged, in a line that says why", () => {
    const scored = closedForm(30, 30, 1, 9);
    expect(() => derivedDraws(scored, ({ theta0 }: One) => ({ theta0 }))).toThrow(
      'a derived quantity has the name of a parameter, "theta0": give it another',
    );
    expect(() => derivedDraws(scored, () => ({ ratio: 1 / 0 }))).toThrow(
      /^the derived quantity "ratio" is Infinity at theta0 = -?\d[\d.]*: it must be finite/,
    );
    let count = 0;
    expect(() => derivedDraws(scored, () => ({ [count++ > 5 ? "b" : "a"]: 1 }))).toThrow(
      /gave "b", which it did not give for the first draw/,
    );
    const others = derivedDraws(closedForm(30, 25, 1, 9), () => ({ one: 1 }));
    expect(() => diagnoseDraws(scored, { derived: others })).toThrow(
      "derived quantities must be of the same data sets and draws as the parameters, but are of 30 × 25, and the parameters of 30 × 30",
    );
  });
});
