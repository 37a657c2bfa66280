import { expect, test } from "vitest";
import { gaussian, likelihoodRounds, nle, stream } from "../../src/index.js";
import { chooseBy, disagreement } from "../../src/rounds/committee.js";
import { conjugateNormal } from "../conjugate.js";

test("networks disagree by the standard deviation of their ratios of densities", () => {
  // Of N(0, 1) and N(δ, 1), the ratio is exp(δ θ - δ² / 2), and the deviation of it and 1 half their distance.
  const delta = 0.5;
  const random = stream(1);
  const theta = Array.from({ length: 40_000 }, () => random.normal());
  const first = theta.map((value) => -(value ** 2) / 2 + 7);
  const second = theta.map((value) => -((value - delta) ** 2) / 2 - 3);
  const found = disagreement([first, second]);
  // The ratio's mean over draws has the standard error sqrt((e^δ² - 1) / n), by which all are scaled.
  const tolerance = 5 * Math.sqrt((Math.exp(delta ** 2) - 1) / theta.length);
  for (const [i, value] of theta.slice(0, 200).entries()) {
    const ratio = Math.exp(delta * value - delta ** 2 / 2);
    expect(Math.abs((found[i] ?? 0) - Math.abs(ratio - 1) / 2)).toBeLessThan(tolerance * ratio);
  }
  expect([...disagreement([first, first])].every((value) => value === 0)).toBe(true);
});

test("places are chosen in proportion to weights, each once, those of weight zero last", () => {
  const random = stream(2);
  const n = 20_000;
  const counts = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [first = 0] = chooseBy([1, 3, 0], 1, random);
    counts[first] = (counts[first] ?? 0) + 1;
  }
  expect(counts[2]).toBe(0);
  expect(Math.abs((counts[1] ?? 0) / n - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / n));
  expect(chooseBy([1, 3, 0], 3, random)[2]).toBe(2);
});

test("a committee chooses the simulations of likelihood rounds, and the posterior is the exact one", async () => {
  const { model, exactMean, exactSd } = conjugateNormal(4);
  const observed = [1.2, 0.4, 0.9, 1.1];
  const quiet = { threads: 1, progress: false, onWarning: () => {}, epochs: 30 };
  const { estimator } = await likelihoodRounds(nle(model, { density: gaussian() }), observed, {
    simulations: 800,
    rounds: 2,
    committee: 2,
    workers: 0,
    training: quiet,
  });
  const posterior = await estimator.given(observed, { samples: 2_000 });
  // Four standard errors of a regression on four numbers that 720 simulations teach, and of 2,000 draws.
  const [mean, sd] = [4 * Math.sqrt(5 / 720 + 1 / 2_000), 4 * Math.sqrt(1 / 1_440 + 1 / 4_000)];
  expect(Math.abs(posterior.mean().theta - exactMean(observed)) / exactSd).toBeLessThan(mean);
  expect(Math.abs(posterior.sd().theta / exactSd - 1)).toBeLessThan(sd);
  const none = likelihoodRounds(nle(model), observed, { committee: 0 });
  await expect(none).rejects.toThrow(/committee must be a whole number of networks from 1 to 16/);
});
