/** Models whose states vary in time: simulators against their own processes for particles, and against what is known of them. */
import { particleFilter, stream, type Stream } from "amortis";
import { expect, test } from "vitest";
import {
  POPULATION,
  varyingSir,
  varyingSirProcess,
  volatility,
  volatilityProcess,
} from "../src/index.js";

const mean = (list: ArrayLike<number>): number =>
  Array.from(list).reduce((a, b) => a + b, 0) / list.length;

/** One data set as flat arrays, of all the times that there are. */
async function drawn(
  model: typeof volatility | typeof varyingSir,
  values: object,
  random: Stream,
  size: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, Float64Array>>> {
  const [times = 0] = Object.values(size);
  const packed: Readonly<Record<string, ArrayLike<number>>> = model.packData(
    (await model.simulate(values as never, random, size)) as never,
  );
  return Object.fromEntries(
    Object.entries(packed).map(([name, column]) => [
      name,
      Float64Array.from(column).slice(0, times),
    ]),
  );
}

test("log variances are the autoregression that they are said to be, and returns have them", async () => {
  const values = { mu: 0.5, phi: 0.9, sigma: 0.3 };
  const runs = await Promise.all(
    Array.from({ length: 400 }, (_, i) =>
      drawn(volatility, values, stream(1).split(i), { times: 30 }),
    ),
  );
  const at = (t: number): number[] => runs.map(({ h }) => h?.[t] ?? NaN);
  const variance = 0.3 ** 2 / (1 - 0.9 ** 2);
  for (const t of [0, 29]) {
    expect(Math.abs(mean(at(t)) - 0.5)).toBeLessThan(4 * Math.sqrt(variance / 400));
    const spread = mean(at(t).map((h) => (h - 0.5) ** 2));
    expect(Math.abs(spread / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 400));
  }
  const both = mean(runs.map(({ h }) => ((h?.[10] ?? NaN) - 0.5) * ((h?.[11] ?? NaN) - 0.5)));
  expect(Math.abs(both / variance - 0.9)).toBeLessThan(0.25);
  const squares = runs.map(({ h, y }) => (y?.[20] ?? NaN) ** 2 * Math.exp(-(h?.[20] ?? NaN)));
  expect(Math.abs(mean(squares) - 1)).toBeLessThan(4 * Math.sqrt(2 / 400));
});

test("an epidemic at a steady rate is that of its equations, and nobody is lost", () => {
  const theta = { walk: 1e-9, gamma: 0.2, infected: 1, size: 1e6 };
  const process = varyingSirProcess(new Float64Array(60), theta);
  const states = new Float64Array(4);
  process.start(states, stream(2));
  // Growth at first is exponential, in four steps a day; few are immune yet.
  const beta = Math.exp(states[0] ?? NaN);
  const rate = 4 * Math.log(1 + beta / 4 + Math.expm1(-0.2 / 4));
  const early = states[2] ?? NaN;
  for (let day = 1; day <= 5; day++) process.move(states, day, stream(2));
  expect(Math.abs(Math.log((states[2] ?? NaN) / early) / (5 * rate) - 1)).toBeLessThan(0.001);
  let infections = POPULATION - (states[1] ?? NaN);
  for (let day = 6; day < 300; day++) {
    process.move(states, day, stream(2));
    infections += states[3] ?? NaN;
  }
  // All that were infected but the first have left the susceptible; and the final size solves log s = -R₀ (1 - s).
  expect(infections + (states[1] ?? NaN)).toBeCloseTo(POPULATION, 3);
  const left = (states[1] ?? NaN) / POPULATION;
  expect(Math.abs(Math.log(left) / ((-beta / 0.2) * (1 - left)) - 1)).toBeLessThan(0.1);
});

test("particles weigh what simulators draw: the truth explains it better than what is off", async () => {
  const differences = async (
    model: typeof volatility | typeof varyingSir,
    at: Readonly<Record<string, number>>,
    off: Readonly<Record<string, number>>,
    size: Readonly<Record<string, number>>,
  ): Promise<number> => {
    const found: number[] = [];
    for (let i = 0; i < 25; i++) {
      const random = stream(3).split(i);
      const { y = new Float64Array() } = await drawn(model, at, random, size);
      const evidence = (theta: Readonly<Record<string, number>>): number => {
        const process =
          model.name === "volatility"
            ? volatilityProcess(y, theta as never)
            : varyingSirProcess(y, theta as never);
        return particleFilter(process, { particles: 400, random }).logEvidence;
      };
      found.push(evidence(at) - evidence(off));
    }
    const sd = Math.sqrt(mean(found.map((d) => (d - mean(found)) ** 2)));
    return mean(found) / (sd / Math.sqrt(found.length));
  };
  const calm = { mu: 0, phi: 0.9, sigma: 0.3 };
  expect(await differences(volatility, calm, { ...calm, mu: 1 }, { times: 40 })).toBeGreaterThan(4);
  const flu = { walk: 0.1, gamma: 0.2, infected: 100, size: 20 };
  const few = { days: 20 };
  expect(await differences(varyingSir, flu, { ...flu, infected: 300 }, few)).toBeGreaterThan(4);
  expect(await differences(varyingSir, flu, { ...flu, size: 1 }, few)).toBeGreaterThan(4);
}, 60_000);
