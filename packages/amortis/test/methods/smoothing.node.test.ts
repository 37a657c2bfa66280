/** Series: states and parameters against Kalman's filter, the smoother, and a grid over the evidence; and what holds whatever was learned. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crps, diagnose } from "../../src/diagnostics/index.js";
import {
  answerSheet,
  defineModel,
  discreteUniform,
  load,
  missing,
  normal,
  npe,
  series,
  simulate,
  smoothing,
  splineCoupling,
  stream,
  train,
  uniform,
  withoutStates,
  withPriors,
  type DataSpec,
  type Posterior,
  type StatesEstimator,
} from "../../src/extend.js";
import { choleskyFactor, invertLower } from "../../src/math/index.js";
import { kalman } from "../kalman.js";
import { drawSeries, exactPath, exactPosterior, linearSeries } from "../linear-series.js";

const model = linearSeries(3, 16);
const flow = splineCoupling({ layers: 2, hidden: [32, 32], bins: 6, activation: "silu" });
const small = { units: 32, density: flow, states: flow } as const;
const quick = {
  simulations: 128,
  epochs: 1,
  batch: 32,
  seed: 1,
  workers: 0,
  threads: 1,
  progress: false,
} as const;
const tiny = splineCoupling({ layers: 1, hidden: [8], bins: 3 });

const mean = (list: ArrayLike<number>): number =>
  Array.from(list).reduce((a, b) => a + b, 0) / list.length;

function column({ draws, parameterNames }: Posterior, name: string): Float64Array {
  const [p, at] = [parameterNames.length, parameterNames.indexOf(name)];
  return Float64Array.from({ length: draws.length / p }, (_, i) => draws[i * p + at] ?? NaN);
}

const covariance = (a: Float64Array, b: Float64Array): number =>
  mean(a.map((value, i) => (value - mean(a)) * ((b[i] ?? NaN) - mean(b))));

describe("a linear Gaussian model", () => {
  let estimator: StatesEstimator<(typeof model)["parameters"]>;
  beforeAll(async () => {
    estimator = await train(smoothing(model, small), {
      ...quick,
      simulations: 4000,
      epochs: 24,
      batch: 64,
    });
  }, 240_000);
  afterAll(() => estimator.release());

  it("has the states of the smoother and of the filter, given the parameters", async () => {
    const [smoothed, filtered, together]: [number[], number[], number[][]] = [[], [], []];
    for (let i = 0; i < 12; i++) {
      const random = stream(50).split(i);
      const { truth, y } = drawSeries(12, random);
      const known = kalman(y, truth);
      const parameters = { phi: truth.phi, q: truth.q };
      const posterior = await estimator.given({ y }, { samples: 500, parameters, seed: i });
      const now = await estimator.filter({ y }, { samples: 500, parameters, seed: i });
      for (const t of [0, 5, 11]) {
        const own = column(posterior.all, `x[${t}]`);
        smoothed.push(divergence(own, known.smoothed.mean[t], known.smoothed.variance[t]));
        const past = column(now.at(t), "x");
        filtered.push(divergence(past, known.filtered.mean[t], known.filtered.variance[t]));
      }
      const both = covariance(column(posterior.all, "x[5]"), column(posterior.all, "x[6]"));
      together.push([both, known.neighbours[5] ?? NaN]);
    }
    // Five hundred exact draws have .002.
    expect(mean(smoothed)).toBeLessThan(0.03);
    expect(mean(filtered)).toBeLessThan(0.03);
    const ratio = mean(together.map(([own = NaN]) => own)) / mean(together.map(([, e = NaN]) => e));
    expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
  });

  it("has parameters and states together as the grid has them, and covers what is true", async () => {
    const scores = new Map(
      ["phi", "q", "x[0]", "x[8]"].map((name) => [name, { own: 0, exact: 0 }]),
    );
    let [inside, asked] = [0, 0];
    for (let i = 0; i < 40; i++) {
      const random = stream(60).split(i);
      const { truth, x, y } = drawSeries(16, random);
      const grid = exactPosterior(y);
      const weights = grid.map(({ weight }) => weight);
      const exact = Array.from({ length: 300 }, () => {
        const { at, known } = grid[random.categorical(weights)] ?? {};
        if (at === undefined || known === undefined) throw new TypeError("a grid has points");
        const path = exactPath(known, at, random);
        return { phi: at.phi, q: at.q, "x[0]": path[0] ?? NaN, "x[8]": path[8] ?? NaN };
      });
      const { all } = await estimator.given({ y }, { samples: 300, seed: i });
      const truths = { phi: truth.phi, q: truth.q, "x[0]": x[0] ?? NaN, "x[8]": x[8] ?? NaN };
      for (const name of ["phi", "q", "x[0]", "x[8]"] as const) {
        const own = column(all, name);
        const score = scores.get(name) ?? { own: 0, exact: 0 };
        score.own += crps(own, truths[name]);
        score.exact += crps(
          exact.map((one) => one[name]),
          truths[name],
        );
        const sorted = own.toSorted();
        inside +=
          (sorted[15] ?? NaN) <= truths[name] && truths[name] <= (sorted[284] ?? NaN) ? 1 : 0;
        asked++;
      }
    }
    for (const { own, exact } of scores.values()) {
      expect(own / exact).toBeGreaterThan(0.9);
      expect(own / exact).toBeLessThan(1.12);
    }
    // 160 intervals of 90 %, four of each data set: three standard errors.
    expect(Math.abs(inside / asked - 0.9)).toBeLessThan(0.09);
  });

  it("goes on with a series that has grown, and answers one at a time as together", async () => {
    const { y } = drawSeries(14, stream(70));
    const filtered = await estimator.filter({ y }, { samples: 200 });
    expect(filtered.size).toBe(14);
    const shorter = await estimator.filter({ y: y.slice(0, 9) }, { samples: 200 });
    // What was seen until the ninth time does not know what came after.
    expect(filtered.mean().x[8]).toBeCloseTo(shorter.mean().x[8] ?? NaN, 4);
    expect(filtered.mean().phi[8]).toBeCloseTo(shorter.mean().phi[8] ?? NaN, 4);
    const [first, second] = await estimator.givenEach({ y: [y.slice(0, 5), y] }, { samples: 200 });
    expect(first?.times).toBe(5);
    const alone = await estimator.given({ y }, { samples: 200 });
    expect(second?.mean().states.x[3]).toBeCloseTo(alone.mean().states.x[3] ?? NaN, 4);
    expect(second?.mean().q).toBeCloseTo(alone.mean().q, 4);
  });

  it("has a density: the product of its factors, which is the filter's where the first state is integrated out", async () => {
    const { y } = drawSeries(2, stream(80));
    const parameters = { phi: 0.5, q: 0.6 };
    const { all, statics } = await estimator.given({ y }, { samples: 20 });
    const { all: known } = await estimator.given({ y }, { samples: 20, parameters });
    const point = [0.5, 0.6, 0.1, -0.2];
    const outside = [1.2, 0.6, 0.1, -0.2];
    const [joint, beyond] = await all.logDensities(Float64Array.from([...point, ...outside]));
    const [states = NaN] = await known.logDensities(Float64Array.from(point));
    expect(beyond).toBe(-Infinity);
    expect(joint).toBeCloseTo(states + (await statics.logDensity(parameters)), 3);
    const grid = Array.from({ length: 801 }, (_, i) => -4 + i * 0.01);
    const logs = await known.logDensities(
      Float64Array.from(grid.flatMap((x) => [0.5, 0.6, x, -0.2])),
    );
    const mass = logs.reduce((sum, log) => sum + 0.01 * Math.exp(log), 0);
    const filtered = await estimator.filter({ y }, { samples: 20, parameters });
    const [last = NaN] = await filtered.at(1).logDensities(Float64Array.of(0.5, 0.6, -0.2));
    expect(Math.log(mass)).toBeCloseTo(last, 2);
  });

  it("is calibrated for its parameters, as other models are diagnosed", async () => {
    const report = await diagnose(estimator, model, { simulations: 60, samples: 60, seed: 3 });
    expect(report.parameters.map(({ name }) => name)).toEqual(["phi", "q"]);
  });

  it("saves, loads and answers as before; warns of longer series; and refuses what it cannot take", async () => {
    const { y } = drawSeries(10, stream(90));
    const warnings: string[] = [];
    const loaded = await load(await estimator.toBytes(), {
      model,
      onWarning: (message) => warnings.push(message),
    });
    if (loaded.kind !== "states") throw new TypeError("states are what it answers");
    expect(loaded.states).toEqual(["x"]);
    const before = await estimator.given({ y }, { samples: 50 });
    const after = await loaded.given({ y }, { samples: 50 });
    expect(after.mean().states.x[4]).toBeCloseTo(before.mean().states.x[4] ?? NaN, 4);
    const { document, shape } = await answerSheet(loaded, { y: [y, y] }, { samples: 20 });
    expect(shape).toEqual([2, 20, 12]);
    expect(document.parameters.slice(0, 3)).toEqual(["phi", "q", "x[0]"]);
    expect(warnings).toEqual([]);
    await loaded.given({ y: [...y, ...y] }, { samples: 10 });
    expect(warnings.join()).toContain("up to 20 elements");
    await expect(loaded.given({ y: [0.1, NaN, 0.2] })).rejects.toThrow(/y/u);
    await expect(loaded.given({ z: y })).rejects.toThrow('lack the array "y"');
    await expect(estimator.given({ y }, { parameters: { phi: 0.5, q: NaN } })).rejects.toThrow(
      'must be numbers for all of phi, q, but "q" is NaN',
    );
    await expect(answerSheet(loaded, { y: [y, y.slice(3)] })).rejects.toThrow("different lengths");
    await loaded.release();
  });
});

describe("states that are not Markov, of several numbers, of data with gaps", () => {
  const walks = defineModel({
    name: "walks",
    parameters: { scale: uniform(0.1, 1), shift: normal(1000, 0.01) },
    sizes: { days: discreteUniform(2, 8) },
    states: { level: ["days"], place: series("days", { channels: 2 }) },
    data: { y: missing(["days", 2]), count: ["days"] },
    simulate: ({ scale, shift }, random, { days }) => {
      let sum = 0;
      const level = Array.from({ length: days }, () => shift + scale * random.normal());
      const place = level.map((value) => [value - shift, random.normal()]);
      const y = place.map(([a = 0, b = 0]) => {
        sum += a;
        return [sum + random.normal(), random.uniform() < 0.3 ? NaN : b];
      });
      return { level, place, y, count: level.map(() => random.poisson(3)) };
    },
  });

  it.each([true, false])("markov: %s", async (markov) => {
    const estimator = await train(
      smoothing(walks, { units: 8, density: tiny, states: tiny, markov, times: 3 }),
      quick,
    );
    const data = {
      y: [
        [0.1, NaN],
        [0.2, 1],
        [NaN, NaN],
        [0.4, 0.3],
      ],
      count: [1, 2, 3, 4],
    };
    const posterior = await estimator.given(data, { samples: 40 });
    const { states } = posterior.mean();
    expect(states.level).toHaveLength(4);
    expect(states.place).toHaveLength(8);
    // On its offset.
    expect(Math.abs((states.level[2] ?? NaN) - 1000)).toBeLessThan(5);
    const { all } = posterior;
    expect(all.parameterNames.slice(0, 7).join(" ")).toBe(
      "scale shift level[0] level[1] level[2] level[3] place[0]",
    );
    const first = all.draws.slice(0, all.parameterNames.length);
    const two = Float64Array.from([...first, ...first.with(2, (first[2] ?? NaN) + 0.5)]);
    const [own = NaN, other = NaN] = await all.logDensities(two);
    expect(Number.isFinite(own)).toBe(true);
    expect(other).not.toBeCloseTo(own, 6);
    const filtered = await estimator.filter(data, { samples: 40 });
    expect(filtered.mean().place).toHaveLength(8);
    const loaded = await load(await estimator.toBytes());
    if (loaded.kind !== "states") throw new TypeError("states are what it answers");
    const again = await loaded.given(data, { samples: 40 });
    expect(again.all.draws[5]).toBeCloseTo(all.draws[5] ?? NaN, 3);
    await loaded.release();
    await estimator.release();
  });
});

describe("states of which what is seen tells of all before", () => {
  /** y_t is the sum of x_1 ... x_t and noise of 0.5; x_t ~ N(0, q²) know nothing of each other. */
  const sums = defineModel({
    name: "sums",
    parameters: { q: uniform(0.5, 1) },
    sizes: { times: discreteUniform(2, 8) },
    states: { x: ["times"] },
    data: { y: ["times"] },
    simulate: ({ q }, random, { times }) => {
      let sum = 0;
      const x = Array.from({ length: times }, () => q * random.normal());
      return { x, y: x.map((value) => (sum += value) + 0.5 * random.normal()) };
    },
  });

  /** Means of x given y and q, and their covariance, [times, times], by conditioning the joint normal distribution. */
  function exact(y: readonly number[], q: number) {
    const n = y.length;
    // Precision of x: 1 / q² on the diagonal, and the times that both are summed, over the variance of the noise.
    const precision = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return (i === j ? q ** -2 : 0) + (n - Math.max(i, j)) / 0.25;
    });
    const factor = choleskyFactor(precision, n);
    if (factor === undefined) throw new TypeError("a precision has a factor");
    const inverse = invertLower(factor, n);
    const covariances = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return mean(y.map((_v, k) => n * (inverse[k * n + i] ?? 0) * (inverse[k * n + j] ?? 0)));
    });
    const pull = y.map((_, i) => y.slice(i).reduce((a, b) => a + b, 0) / 0.25);
    const means = pull.map((_, i) =>
      pull.reduce((sum, value, j) => sum + (covariances[i * n + j] ?? 0) * value, 0),
    );
    return { means, covariances };
  }

  it("are those of the joint normal distribution, where they are given all that follow", async () => {
    const estimator = await train(smoothing(sums, { ...small, markov: false, times: 4 }), {
      ...quick,
      simulations: 4000,
      epochs: 24,
      batch: 64,
    });
    const divergences: number[] = [];
    const together: number[][] = [];
    for (let set = 0; set < 12; set++) {
      const random = stream(110).split(set);
      const q = 0.5 + 0.5 * random.uniform();
      const output = sums.packData(await sums.simulate({ q }, random, { times: 8 }));
      const y = [...output.y];
      const { means, covariances } = exact(y, q);
      const { all } = await estimator.given({ y }, { samples: 500, parameters: { q }, seed: set });
      for (const t of [0, 3, 7]) {
        divergences.push(divergence(column(all, `x[${t}]`), means[t], covariances[t * 9]));
      }
      const both = covariance(column(all, "x[3]"), column(all, "x[4]"));
      together.push([both, covariances[3 * 8 + 4] ?? NaN]);
    }
    expect(mean(divergences)).toBeLessThan(0.04);
    // Neighbours pull against each other: given the next state alone they would not.
    const ratio = mean(together.map(([own = NaN]) => own)) / mean(together.map(([, e = NaN]) => e));
    expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
    await estimator.release();
  }, 240_000);
});

describe("models with states", () => {
  it("name parameters and states, in types too", async () => {
    const data = await simulate(model, { simulations: 3, seed: 1, workers: 0 });
    expect(Object.keys(data.data)).toEqual(["y", "x"]);
    const { phi }: { readonly phi: number } = model.unpack([0.5, 0.6]);
    expect(phi).toBe(0.5);
    expect(withPriors(model, { phi: uniform(0, 0.5) }).stateSpace).toEqual(model.stateSpace);
    const seen = withoutStates(model);
    const drawn = seen.packData(await seen.simulate({ phi: 0.5, q: 0.6 }, stream(1), { times: 4 }));
    expect(Object.keys(drawn)).toEqual(["y"]);
    expect(seen.stateSpace).toBeUndefined();
    // @ts-expect-error -- no such state
    expect(seen.data.x).toBeUndefined();
    expect(() => withoutStates(seen)).toThrow("has no states");
  });

  it("are refused by what would see the states", async () => {
    await expect(train(npe(model), quick)).rejects.toThrow(
      'the model "linear-series" has states, which are never seen: take smoothing(model), or let npe learn withoutStates(model)',
    );
    expect(() => smoothing(withoutStates(model))).toThrow(
      'has no states: define it with states: { h: ["times"] }',
    );
  });

  it("say what is wrong with them", () => {
    const base = {
      name: "m",
      parameters: { a: normal(0, 1) },
      sizes: { times: discreteUniform(2, 5) },
      data: { y: ["times"] },
      simulate: () => ({ y: [0, 1], x: [0, 1] }),
    } as const;
    const define = (states: DataSpec, other: object = {}) =>
      defineModel({ ...base, ...other, states });
    expect(() => define({})).toThrow("has no state: name one or more");
    expect(() => define({ x: [3] })).toThrow('the state "x" needs a value at each time');
    expect(() => define({ y: ["times"] })).toThrow('a state and a data array of one name, "y"');
    expect(() => define({ a: ["times"] })).toThrow('a parameter and a data array of one name, "a"');
    const odd = define({ x: ["times"] }, { data: { y: ["times"], c: [] } });
    expect(() => smoothing(odd)).toThrow('"c" of the model "m" should have a value at each time');
    const long = define({ x: ["times"] }, { sizes: { times: discreteUniform(2, 600) } });
    expect(() => smoothing(long)).toThrow("learns from 2 to 512");
  });
});

/** The divergence of a normal distribution from that of draws. */
function divergence(draws: Float64Array, mean0: number | undefined, variance = NaN): number {
  const [m, v] = [mean(draws), covariance(draws, draws)];
  return 0.5 * (Math.log(v / variance) + (variance + (m - (mean0 ?? NaN)) ** 2) / v - 1);
}
