/** Counts that are not said to be counts: a likelihood of them is learned all the same, or it is said that none is. */
import { expect, it } from "vitest";
import {
  anyToAny,
  defineModel,
  gamma,
  gaussian,
  nle,
  normal,
  simulate,
  syntheticLikelihood,
  train,
} from "../../src/index.js";
import { poissonLogMass } from "../../src/math/index.js";
import type { Method } from "../../src/methods/method.js";

const N = 5;
const counts = defineModel({
  name: "counts",
  parameters: { rate: gamma(2, 1) },
  data: { y: [N] },
  simulate: ({ rate }, random) => ({ y: Array.from({ length: N }, () => random.poisson(rate)) }),
});

const quick = { simulations: 300, epochs: 1, seed: 1, workers: 0, threads: 1, calibrate: false };

/** What is said of a training. */
async function cautions(method: Method): Promise<readonly string[]> {
  const said: string[] = [];
  const trained = await train(method, { ...quick, onWarning: (line) => said.push(line) });
  await trained.release();
  return said.filter((line) => / of the values of /u.test(line));
}

it("nle takes whole numbers that come again for counts, with probabilities that are near the exact ones", async () => {
  const said: string[] = [];
  const fitted = await train(nle(counts), {
    ...quick,
    simulations: 2_000,
    epochs: 8,
    onWarning: (line) => said.push(line),
  });
  expect(said).toEqual([]);
  const size = 400;
  const { data, parameters } = await simulate(counts, {
    simulations: size,
    seed: "fresh",
    workers: 0,
  });
  const logs = await fitted.logLikelihood(data, parameters);
  const lost = Array.from(logs, (log, i) => {
    const own = Float64Array.from(data.y.subarray(i * N, (i + 1) * N));
    return own.reduce((sum, k) => sum + poissonLogMass(k, parameters[i] ?? 0), 0) - log;
  });
  const mean = lost.reduce((a, b) => a + b, 0) / size;
  const error = Math.sqrt(lost.reduce((sum, one) => sum + (one - mean) ** 2, 0)) / size;
  // A density of the same numbers is larger than any probability, without end: here by 1 to 4 for each of the five.
  expect(mean).toBeGreaterThan(-3 * error);
  expect(mean).toBeLessThan(0.4);
  await fitted.release();
});

it("nle says what it cannot learn, unless numbers are said to be continuous", async () => {
  const rain = defineModel({
    name: "rain",
    parameters: { a: normal(0, 1) },
    data: { rain: [2] },
    simulate: ({ a }, random) => ({
      rain: [0, 0].map(() => (random.uniform() < 0.4 ? 0 : Math.exp(a + random.normal()))),
    }),
  });
  expect(await cautions(nle(rain))).toEqual([
    expect.stringMatching(
      /^nle: \d+ % of the values of rain\[0\].*0 is \d+ %.*1 more number.*too narrow.*discrete: \{ rain: \[/u,
    ),
  ]);
  expect(await cautions(nle(rain, { discrete: { rain: "continuous" } }))).toEqual([]);
  // A density that was asked for is one of continuous numbers.
  expect(await cautions(nle(counts, { density: gaussian() }))).toEqual([
    expect.stringMatching(/discrete: \{ y: "counts" \}/u),
  ]);
});

it("other methods that have a density of data say so too", async () => {
  const flags = defineModel({
    name: "flags",
    parameters: { a: normal(0, 1) },
    data: { y: [2] },
    simulate: ({ a }, random) => ({ y: [a + random.normal(), random.uniform() < 0.5 ? 1 : 0] }),
  });
  expect(await cautions(syntheticLikelihood(flags))).toEqual([
    expect.stringMatching(/^syntheticLikelihood: .* y\[1\] .*a Gaussian is far from/u),
  ]);
  expect(await cautions(anyToAny(flags))).toEqual([
    expect.stringMatching(/^anyToAny: .* y\[1\] .*posteriors are not concerned/u),
  ]);
});
