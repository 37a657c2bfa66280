/**
 * Telescoping ratio estimation on a Gaussian model whose posterior is known, of parameters that are correlated given the data.
 *
 * θ_1, θ_2 ~ N(0, 1) and y_i ~ N(θ_1 + θ_2, ¼), z_i ~ N(θ_1, 1), four of each: with A = [[1, 1], [1, 0]] and means of the four, the precision is I + Aᵀ diag(16, 4) A.
 */
import { expect, it } from "vitest";
import {
  categorical,
  contrastiveLoss,
  defineModel,
  load,
  mlpSummary,
  normal,
  simulate,
  telescoping,
  train,
  uniform,
  zeroInflated,
} from "../../src/index.js";

const EACH = 4;
const draw = (mean: number, sd: number, random: { normal(): number }): number[] =>
  Array.from({ length: EACH }, () => mean + sd * random.normal());

const model = defineModel({
  name: "two correlated numbers",
  parameters: { first: normal(0, 1), second: normal(0, 1) },
  data: { y: [EACH], z: [EACH] },
  simulate: ({ first, second }, random) => ({
    y: draw(first + second, 0.5, random),
    z: draw(first, 1, random),
  }),
});

// The precision is [[21, 16], [16, 17]].
const [a, b, c] = [21, 16, 17];
const determinant = a * c - b * b;
const sds = [Math.sqrt(c / determinant), Math.sqrt(a / determinant)] as const;
const correlation = -b / Math.sqrt(a * c);

function exactMeans(y: ArrayLike<number>, z: ArrayLike<number>): readonly [number, number] {
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((s, x) => s + x, 0);
  const [right, left] = [4 * sum(y), 4 * sum(y) + sum(z)];
  return [(c * left - b * right) / determinant, (a * right - b * left) / determinant];
}

const settings = { seed: 3, workers: 0, threads: 1, batch: 128, simulations: 6_000, epochs: 12 };
const summary = mlpSummary({ hidden: [32], outputs: 4, activation: "silu" });

it("draws the exact posterior, independently, and has its density", async () => {
  const fitted = await train(telescoping(model, { summary }), settings);
  const sets = 8;
  const { data } = await simulate(model, { simulations: sets, seed: "fresh", workers: 0 });
  const draws = 500;
  const posteriors = await fitted.givenBatch(data, { samples: draws, seed: 2 });
  expect(posteriors.answers.every(({ status }) => status === "amortized")).toBe(true);
  const [means, sd] = [posteriors.mean(), posteriors.sd()];
  const squares = { mean: [0, 0], sd: [0, 0] };
  for (let i = 0; i < sets; i++) {
    const of = (array: ArrayLike<number>) => Array.from(array).slice(i * EACH, (i + 1) * EACH);
    const exact = exactMeans(of(data.y), of(data.z));
    for (const [j, name] of (["first", "second"] as const).entries()) {
      const own = sds[j] ?? 1;
      squares.mean[j] =
        (squares.mean[j] ?? 0) + (((means[name][i] ?? 0) - (exact[j] ?? 0)) / own) ** 2 / sets;
      squares.sd[j] = (squares.sd[j] ?? 0) + ((sd[name][i] ?? 0) / own - 1) ** 2 / sets;
    }
  }
  // Of 500 independent draws a mean errs by 0.045 of the posterior's sd, an sd by 0.032; the networks by some tenths.
  for (const square of squares.mean) expect(Math.sqrt(square)).toBeLessThan(0.3);
  for (const square of squares.sd) expect(Math.sqrt(square)).toBeLessThan(0.15);
  // The first entry off the diagonal, of the first data set; the standard error of 500 draws is 0.015.
  expect(Math.abs((posteriors.correlation().data[1] ?? 0) - correlation)).toBeLessThan(0.1);

  // A draw does not tell of the next: the lag-one autocorrelation of independent draws has a standard error of 1/√500.
  const values = Array.from({ length: draws }, (_, k) => posteriors.draws[2 * k] ?? 0);
  const middle = values.reduce((x, y) => x + y, 0) / draws;
  const lag = (k: number): number =>
    values.slice(k).reduce((x, value, i) => x + (value - middle) * ((values[i] ?? 0) - middle), 0);
  expect(Math.abs(lag(1) / lag(0))).toBeLessThan(4 / Math.sqrt(draws));

  // The density integrates to one, whatever the networks know: cells of half a standard deviation add up smooth densities exactly.
  const one = { y: data.y.slice(0, EACH), z: data.z.slice(0, EACH) };
  const exact = exactMeans(one.y, one.z);
  const cells = 24;
  const at = (j: 0 | 1, k: number): number => exact[j] + (sds[j] * (k - (cells - 1) / 2)) / 2;
  const grid = Float64Array.from({ length: 2 * cells ** 2 }, (_, place) => {
    const cell = Math.floor(place / 2);
    return place % 2 === 0 ? at(0, cell % cells) : at(1, Math.floor(cell / cells));
  });
  const logs = await (await fitted.givenBatch(one, { samples: 2 })).logDensity(grid);
  const mass = logs.reduce((x, log) => x + Math.exp(log), 0) * 0.25 * sds[0] * sds[1];
  expect(Math.abs(mass - 1)).toBeLessThan(0.01);

  const again = await load(await fitted.toBytes(), { model });
  if (again.kind !== "ratio") throw new Error("its kind is in the file");
  const same = await again.given(one, { samples: draws, seed: 2 });
  expect(same.draws).toEqual(posteriors.at(0).draws);
  // The ratio of all parameters is there too, for another prior and for replicates.
  const chains = await again.given(one, { samples: 500, method: "importance" });
  expect(Math.abs(chains.mean().first - (means.first[0] ?? 0))).toBeLessThan(0.3 * sds[0]);
  const narrow = { first: normal(0, 0.01) };
  const held = await again.given(one, { samples: 500, method: "importance", prior: narrow });
  expect(Math.abs(held.mean().first)).toBeLessThan(0.02);
  for (const each of [fitted, again]) await each.release();
});

it("refuses parameters that are no continuous numbers by themselves, and losses up to a constant", () => {
  const withState = defineModel({
    name: "states",
    parameters: { state: categorical(["ill", "well"]), level: uniform(0, 1) },
    data: { y: [2] },
    simulate: ({ level }) => ({ y: [level, level] }),
  });
  expect(() => telescoping(withState)).toThrow(
    'the parameters of "states" must be continuous numbers whose priors are known by themselves, with quantiles, but one is categorical: use nre',
  );
  const perhaps = defineModel({
    name: "perhaps",
    parameters: { theta: zeroInflated(0.5, normal(0, 1)) },
    data: { y: [] },
    simulate: ({ theta }) => ({ y: theta }),
  });
  expect(() => telescoping(perhaps)).toThrow(/one is zero-?inflated: use nre/iu);
  expect(() => telescoping(model, { loss: contrastiveLoss() })).toThrow("up to a constant");
});
