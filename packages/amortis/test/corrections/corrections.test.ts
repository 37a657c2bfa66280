/**
 * Corrections of amortized answers, held against normal posteriors in closed form.
 */
import { describe, expect, test } from "vitest";
import { checkedByData } from "../../src/corrections/checked-by-data.js";
import { escalation } from "../../src/corrections/escalation.js";
import { reweighted } from "../../src/corrections/reweighted.js";
import { shortChains } from "../../src/corrections/short-chains.js";
import { weighDraws } from "../../src/corrections/weigh.js";
import { Refusal, type Answer } from "../../src/posterior/refusal.js";
import type { PosteriorSource } from "../../src/posterior/posterior-source.js";
import { exactLinear, faulty, linearTarget, momentsOf } from "./linear.js";

const DATA = [
  [0.5, -1],
  [1.5, 2],
  [-0.3, 0.2],
  [0.1, 0.4],
] as const;

function unasked(): PosteriorSource {
  throw new TypeError("the likelihood alone is not asked");
}

/** Draws of data set i among those of a batch of two parameters. */
function drawsOf(draws: ArrayLike<number>, i: number, each: number): readonly number[] {
  return Array.from(draws).slice(2 * i * each, 2 * (i + 1) * each);
}

function expectPosterior(
  draws: readonly number[],
  y: readonly [number, number],
  tolerance: number,
): void {
  const { mean, covariance } = exactLinear(y);
  const found = momentsOf(draws);
  const sds = [Math.sqrt(covariance[0]), Math.sqrt(covariance[3])];
  for (const [j, sd] of sds.entries()) {
    expect(Math.abs((found.mean[j] ?? 0) - (mean[j] ?? 0)) / sd).toBeLessThan(tolerance);
    for (const [l, other] of sds.entries()) {
      const at = 2 * j + l;
      const off = (found.covariance[at] ?? 0) - (covariance[at] ?? 0);
      expect(Math.abs(off) / (sd * other)).toBeLessThan(2 * tolerance);
    }
  }
}

describe("weights of an amortized answer", () => {
  test("say the evidence, and how far the answer is from the posterior", async () => {
    const faults = [{}, { shift: 0.5 }, { scale: 1.5 }, { shift: 1, scale: 1.5 }];
    const target = linearTarget(DATA, faulty(DATA, faults));
    const found = await weighDraws(target, 20_000, 1, 0, 4);
    // In total variation: normals a shift δ apart 2Φ(δ / 2) - 1; of two dimensions and s times the width, where the densities are equal r² = 2 s² log s² / (s² - 1).
    const radius = (2 * 2.25 * Math.log(2.25)) / 1.25;
    const distances = [0, 0.1974, Math.exp(-radius / 4.5) - Math.exp(-radius / 2)];
    for (const [i, weighed] of found.entries()) {
      if (weighed instanceof Refusal) throw weighed;
      const { logEvidence } = exactLinear(DATA[i] ?? [0, 0]);
      // 25,000 proposals with weights worth half of them or more: about 0.01.
      expect(Math.abs(weighed.logEvidence - logEvidence)).toBeLessThan(0.04);
      expect(weighed.k).toBeLessThan(0.5);
    }
    const off = distances.map((known, i) => {
      const weighed = found[i];
      return weighed === undefined || weighed instanceof Refusal ? NaN : weighed.distance - known;
    });
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.02);
  });

  test("find mass that the answer left out, by draws of the prior", async () => {
    // All draws lie four standard deviations from the posterior, which is broad beside the prior.
    const target = linearTarget(DATA, faulty(DATA, [{ shift: 4, scale: 0.3 }]));
    const [weighed] = await weighDraws(target, 1000, 1, 0, 1);
    if (weighed === undefined || weighed instanceof Refusal) throw new TypeError("no weights");
    expect(weighed.distance).toBeGreaterThan(0.9);
  });
});

describe("an answer corrected by importance", () => {
  test("is the posterior, with its density", async () => {
    const faults = [{}, { shift: 0.5 }, { scale: 1.5 }, { shift: 1, scale: 1.5 }];
    const source = reweighted(linearTarget(DATA, faulty(DATA, faults)));
    const { draws, answers } = await source.draw(4000, 3, 0, 4);
    for (const [i, y] of DATA.entries()) {
      expect(answers[i]).toMatchObject({ status: "importance", label: "corrected" });
      // Worth 400 draws at the least, at 4,000 more: the mean errs by 0.05 sd.
      expectPosterior(drawsOf(draws, i, 4000), y, 0.15);
    }
    const { mean, covariance } = exactLinear(DATA[1]);
    const [density] = await source.logDensity(Float64Array.from(mean), 1, 2);
    const determinant = covariance[0] * covariance[3] - covariance[1] * covariance[2];
    expect(density).toBeCloseTo(-Math.log(2 * Math.PI) - 0.5 * Math.log(determinant), 1);
  });

  test("is refused where the tail of its weights is heavy, and says so", async () => {
    const far = [[9, 40]] as const;
    const source = reweighted(linearTarget(far, faulty(far, [{ shift: 6, scale: 0.5 }])));
    const [answer] = (await source.draw(100, 1, 0, 1)).answers;
    expect(answer?.status).toBe("refused");
    expect(answer?.refusal?.because).toMatch(/importance weights/);
    expect(answer?.note).toMatch(/data set 0 (cannot be trusted: the shape k|are worth \d+ draws)/);
  });
});

test("short chains from a wrong answer are the posterior", async () => {
  const faults = [{ shift: 3, scale: 0.5 }, { shift: 2 }, { scale: 0.3 }, { scale: 4 }];
  const source = shortChains(linearTarget(DATA, faulty(DATA, faults)));
  const { draws, answers } = await source.draw(1600, 2, 0, 4);
  for (const [i, y] of DATA.entries()) {
    expect(answers[i]).toMatchObject({ status: "mcmc", label: "exact" });
    expect(answers[i]?.check?.nestedRHat).toBeLessThan(1.05);
    // Worth 400 draws or more: the mean errs by 0.05 sd.
    expectPosterior(drawsOf(draws, i, 1600), y, 0.2);
  }
  expect(source.withoutDensity?.(0)?.message).toMatch(/no normalised density/);
});

describe("an answer that is to be trusted", () => {
  const typicalities = [0.5, 0.5, 0.5, 0.001];
  const answer = (i: number): Answer => ({
    status: "amortized",
    typicality: typicalities[i] ?? 1,
  });

  test("is as little corrected as weights and the check of the data allow", async () => {
    const faults = [{}, { shift: 0.7 }, { shift: 3, scale: 0.2 }, {}];
    // The third is where the prior has no draws that could make up for the networks'.
    const data = [DATA[0], DATA[1], [9, 40], DATA[3]] as const;
    const target = linearTarget(data, faulty(data, faults, answer));
    const source = escalation(target, unasked);
    const { draws, answers } = await source.draw(1000, 1, 0, 4);
    expect(answers.map(({ label }) => label)).toEqual([
      "amortized",
      "corrected",
      "exact",
      "corrected",
    ]);
    expect(answers.map(({ typicality }) => typicality)).toEqual(typicalities);
    expect(answers[0]?.check?.distance).toBeLessThan(0.03);
    expect(answers[1]?.note).toMatch(
      /since the networks' answer to data set 1 lies 0\.\d+ from the posterior/,
    );
    expect(answers[3]?.note).toMatch(
      /since data set 3 is unlike those of the model \(p = 0\.001\)/,
    );
    for (const [i, y] of data.entries()) expectPosterior(drawsOf(draws, i, 1000), y, 0.2);
  });

  test("without a likelihood is that of typical data alone", async () => {
    const source = checkedByData(faulty(DATA, [], answer), undefined, 999);
    const { draws, answers } = await source.draw(10, 1, 0, 4);
    expect(answers.map(({ label }) => label)).toEqual([
      ...Array.from({ length: 3 }, () => "amortized"),
      "refused",
    ]);
    expect(answers[0]?.note).toMatch(/no model was given to weigh it by/);
    expect(answers[3]?.refusal?.because).toBe("data unlike those of the model");
    expect(drawsOf(draws, 3, 10).every(Number.isNaN)).toBe(true);
    const unknown = checkedByData(faulty(DATA, [], answer), undefined, 100);
    const [first] = (await unknown.draw(10, 1, 0, 1)).answers;
    // The smallest p-value of 100 is 0.02.
    expect(first?.note).toMatch(/nothing speaks for the answer: .* has 100 simulations held out/);
  });
});
