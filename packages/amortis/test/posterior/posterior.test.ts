import { InvalidArgumentError } from "@amortis/graph";
import { describe, expect, it } from "vitest";
import type { normal, VectorDistribution } from "../../src/distributions/index.js";
import { flatNames, parameterSlots } from "../../src/data/layout.js";
import { PosteriorBatch, type Drawn, type PosteriorSource } from "../../src/posterior/posterior.js";
import { Refusal, refused } from "../../src/posterior/refusal.js";
import { stream } from "../../src/random/index.js";

/** A number and a vector of two. */
interface Parameters {
  readonly a: ReturnType<typeof normal>;
  readonly b: VectorDistribution;
}

const slots = parameterSlots([
  { name: "a", shape: [] },
  { name: "b", shape: [2] },
]);
const P = 3;
const SIZE = 4;

/** Mean and standard deviation of a coordinate for a data set. */
const meanOf = (i: number, j: number): number => 3 * i - j;
const sdOf = (i: number, j: number): number => (1 + i) * 0.5 ** j;

const drawn = (draws: Float32Array, size = 1): Drawn => ({
  draws,
  answers: Array.from({ length: size }, () => ({ status: "amortized" })),
});

/** Independent normal posteriors. */
const source: PosteriorSource = {
  slots,
  flatNames: flatNames(slots),
  size: SIZE,
  draw: (draws, seed, start, end) => {
    const result = new Float32Array((end - start) * draws * P);
    for (let i = start; i < end; i++) {
      const random = stream(seed).split(i);
      for (let k = 0; k < draws * P; k++) {
        result[(i - start) * draws * P + k] = meanOf(i, k % P) + sdOf(i, k % P) * random.normal();
      }
    }
    return Promise.resolve(drawn(result, end - start));
  },
  logDensity: (parameters, start, end) => {
    const each = parameters.length / ((end - start) * P);
    const result = new Float64Array((end - start) * each);
    for (const [at, value] of parameters.entries()) {
      const row = Math.floor(at / P);
      const i = start + Math.floor(row / each);
      const z = (value - meanOf(i, at % P)) / sdOf(i, at % P);
      result[row] = (result[row] ?? 0) - 0.5 * z * z;
    }
    return Promise.resolve(result);
  },
};

const DRAWS = 4001;
const posteriors = new PosteriorBatch<Parameters>(
  source,
  await source.draw(DRAWS, 7, 0, SIZE),
  DRAWS,
);

/** Draws of a coordinate for a data set, sorted. */
function sorted(i: number, j: number): Float64Array {
  return Float64Array.from(
    { length: DRAWS },
    (_, k) => posteriors.draws[(i * DRAWS + k) * P + j] ?? Number.NaN,
  ).toSorted();
}

describe("posteriors of known draws", () => {
  const draws = [0, 1, 2, 4, 8];
  const known = new PosteriorBatch<Pick<Parameters, "a">>(
    { ...source, slots: slots.slice(0, 1), flatNames: ["a"], size: 1 },
    drawn(Float32Array.from([4, 0, 8, 1, 2])),
    5,
  ).at(0);

  it("have the mean and the standard deviation of the draws", () => {
    expect(known.mean()).toEqual({ a: 3 });
    expect(known.sd().a).toBeCloseTo(Math.sqrt((9 + 4 + 1 + 1 + 25) / 4), 12);
    expect([...known.draws]).toEqual([4, 0, 8, 1, 2]);
  });

  it("have quantiles by linear interpolation", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((level) => known.quantile(level).a)).toEqual(draws);
    expect(known.quantile(0.1).a).toBeCloseTo(0.4, 12);
    expect(known.quantile(0.9).a).toBeCloseTo(6.4, 12);
    expect(known.quantiles([0.5, 1])).toEqual([{ a: 2 }, { a: 8 }]);
  });

  it("have central and shortest intervals", () => {
    expect(known.interval(0.5).a).toEqual([1, 4]);
    expect(known.interval(1).a).toEqual([0, 8]);
    expect(known.interval(0).a).toEqual([2, 2]);
    // Three of five draws: 0 to 2 is the shortest.
    expect(known.hpd(0.6).a).toEqual([0, 2]);
    expect(known.hpd(1).a).toEqual([0, 8]);
    expect(known.hpd(0.2).a).toEqual([0, 0]);
  });

  it("are the shortest for a skewed posterior", () => {
    // Exponential: the shortest interval of level q is [0, -log(1 - q)].
    const exponential = Float32Array.from(
      { length: 4000 },
      (_, k) => -Math.log1p(-(k + 0.5) / 4000),
    );
    const posterior = new PosteriorBatch<Pick<Parameters, "a">>(
      { ...source, slots: slots.slice(0, 1), flatNames: ["a"], size: 1 },
      drawn(exponential.toReversed()),
      4000,
    ).at(0);
    const [lower, upper] = posterior.hpd(0.8).a;
    expect(lower).toBeCloseTo(0, 3);
    expect(upper).toBeCloseTo(-Math.log(0.2), 2);
    expect(posterior.interval(0.8).a[0]).toBeCloseTo(-Math.log(0.9), 2);
  });

  it("refuse levels outside [0, 1]", () => {
    // @ts-expect-error -- levels also come from plain JavaScript
    expect(() => known.interval("0.9")).toThrow('but the text "0.9" was given');
    for (const level of [-0.1, 1.1, Number.NaN]) {
      for (const ask of [
        () => known.quantile(level),
        () => known.interval(level),
        () => known.hpd(level),
      ]) {
        expect(ask).toThrow(InvalidArgumentError);
        expect(ask).toThrow(`a level must lie within [0, 1], but ${level} was given`);
      }
    }
  });

  it("are themselves where there is one draw", () => {
    const one = new PosteriorBatch<Parameters>(source, drawn(Float32Array.from([5, 6, 7])), 1).at(
      0,
    );
    expect(one.quantile(0.3)).toEqual({ a: 5, b: Float64Array.of(6, 7) });
    // It says nothing of how far others lie.
    expect(one.sd()).toEqual({ a: NaN, b: Float64Array.of(NaN, NaN) });
    expect(one.hpd(0.5).b).toEqual([
      [6, 6],
      [7, 7],
    ]);
  });
});

describe("batches of posteriors", () => {
  it("have quantiles at several levels, each an array by parameter", () => {
    const [lower, upper] = posteriors.quantiles([0.1, 0.9]);
    expect(lower).toEqual(posteriors.quantile(0.1));
    expect(upper).toEqual(posteriors.quantile(0.9));
    expect(posteriors.quantiles([])).toEqual([]);
  });

  it("answer for each data set and each coordinate", () => {
    const { mean, sd } = { mean: posteriors.mean(), sd: posteriors.sd() };
    expect(mean.a).toHaveLength(SIZE);
    expect(mean.b).toHaveLength(2 * SIZE);
    for (let i = 0; i < SIZE; i++) {
      for (const j of [0, 1, 2]) {
        const of = (result: typeof mean) => (j === 0 ? result.a[i] : result.b[2 * i + j - 1]);
        // Four standard errors.
        const error = (4 * sdOf(i, j)) / Math.sqrt(DRAWS);
        expect(Math.abs((of(mean) ?? Number.NaN) - meanOf(i, j))).toBeLessThan(error);
        expect(Math.abs((of(sd) ?? Number.NaN) - sdOf(i, j))).toBeLessThan(error);
        const values = sorted(i, j);
        expect(of(posteriors.quantile(0.25))).toBe(values[1000]);
        expect(of(posteriors.interval(0.5).upper)).toBe(values[3000]);
      }
    }
  });

  it("agree with their posteriors one by one", async () => {
    const batch = {
      mean: posteriors.mean(),
      sd: posteriors.sd(),
      quantile: posteriors.quantile(0.3),
      lower: posteriors.interval(0.8).lower,
      upper: posteriors.hpd(0.8).upper,
      map: await posteriors.map(),
    };
    for (let i = 0; i < SIZE; i++) {
      const one = posteriors.at(i);
      const at = (result: typeof batch.mean) => ({
        a: result.a[i],
        b: result.b.slice(2 * i, 2 * i + 2),
      });
      expect(one.mean()).toEqual(at(batch.mean));
      expect(one.sd()).toEqual(at(batch.sd));
      expect(one.quantile(0.3)).toEqual(at(batch.quantile));
      expect(one.interval(0.8).a[0]).toBe(batch.lower.a[i]);
      expect(one.interval(0.8).b[1]?.[0]).toBe(batch.lower.b[2 * i + 1]);
      expect(one.hpd(0.8).b[0]?.[1]).toBe(batch.upper.b[2 * i]);
      expect(await one.map()).toEqual(at(batch.map));
    }
  });

  it("name their parameters, and draw the same for a data set alone", async () => {
    expect(posteriors.parameterNames).toEqual(["a", "b[0]", "b[1]"]);
    const all = await posteriors.sample(50, 3);
    expect(all.names).toEqual(["a", "b[0]", "b[1]"]);
    expect(all.shape).toEqual([SIZE, 50, P]);
    const one = await posteriors.at(2).sample(50, 3);
    expect(one.shape).toEqual([50, P]);
    expect(one.data).toEqual(all.data.slice(2 * 50 * P, 3 * 50 * P));
    expect((await posteriors.sample(50, 4)).data).not.toEqual(all.data);
  });

  it("give log-densities, of one value and of many", async () => {
    const posterior = posteriors.at(1);
    const expected = -0.5 * ((1 / 2) ** 2 + (2 / 1) ** 2 + (3 / 0.5) ** 2);
    const value = { a: 3 + 1, b: Float64Array.of(2 + 2, 1 - 3) };
    expect(await posterior.logDensity(value)).toBeCloseTo(expected, 5);
    const many = Float32Array.from([4, 4, -2, 3, 2, 1]);
    const [first, second] = await posterior.logDensities(many);
    expect(first).toBeCloseTo(expected, 5);
    expect(second).toBeCloseTo(0, 5);
  });

  it("refuse what does not fit, in one clear line", async () => {
    expect(() => posteriors.at(4)).toThrow(
      "there is no data set 4: the batch holds 4, counted from 0",
    );
    expect(() => posteriors.at(-1)).toThrow(InvalidArgumentError);
    expect(() => posteriors.at(0.5)).toThrow(InvalidArgumentError);
    await expect(posteriors.logDensity(new Float32Array(7))).rejects.toThrow(
      "logDensity needs [4, m, 3] values, but was given 7",
    );
    for (const draws of [0, -1, 1.5, Number.NaN]) {
      await expect(posteriors.sample(draws)).rejects.toThrow(InvalidArgumentError);
    }
    const one = posteriors.at(0);
    await expect(one.logDensity({ a: 1, b: Float64Array.of(1) })).rejects.toThrow(
      'parameter "b" has 2 value(s), but 1 were given; the parameters are a, b',
    );
    // @ts-expect-error -- a parameter is missing
    await expect(one.logDensity({ a: 1 })).rejects.toThrow(
      'parameter "b" has 2 value(s), but none',
    );
  });
});

describe("a batch with a data set that is refused", () => {
  const reason = new Refusal("the posterior of data set 2 is odd: do something");
  const partly: PosteriorSource = {
    ...source,
    draw: async (draws, seed, start, end) => {
      const all = await source.draw(draws, seed, start, end);
      const place = (2 - start) * draws * P;
      const answers = all.answers.map((answer, i) => (start + i === 2 ? refused(reason) : answer));
      if (start <= 2 && end > 2) all.draws.fill(Number.NaN, place, place + draws * P);
      return { draws: all.draws, answers };
    },
    logDensity: (parameters, start, end) => {
      // Nobody asks for what is refused.
      expect(start <= 2 && end > 2).toBe(false);
      return source.logDensity(parameters, start, end);
    },
  };

  it("answers the others, and says why it is", async () => {
    const batch = await PosteriorBatch.of<Parameters>(partly, 100, 7);
    const whole = await PosteriorBatch.of<Parameters>(source, 100, 7);
    expect(batch.answers.map(({ status }) => status)).toEqual([
      "amortized",
      "amortized",
      "refused",
      "amortized",
    ]);
    expect(batch.mean().a).toEqual(whole.mean().a.with(2, Number.NaN));
    expect((await batch.logDensity(new Float32Array(SIZE * P))).map(Number)).toEqual(
      (await whole.logDensity(new Float32Array(SIZE * P))).with(2, Number.NaN),
    );
    expect((await batch.map()).a).toEqual((await whole.map()).a.with(2, Number.NaN));
    const [given, points] = [{ a: 3, "b[0]": 2 }, { points: 9 }];
    const [some, all] = [
      await batch.conditional(given, points),
      await whole.conditional(given, points),
    ];
    expect(some.with(2, all[2] ?? { names: [], axes: [], density: new Float64Array() })).toEqual(
      all,
    );
    expect(some[2]?.density).toEqual(new Float64Array(9).fill(Number.NaN));
    expect(batch.at(1).mean()).toEqual(whole.at(1).mean());
    expect([batch.at(2).status, batch.at(2).note]).toEqual(["refused", reason.message]);
  });

  it("throws the reason where that one is asked", async () => {
    const posterior = (await PosteriorBatch.of<Parameters>(partly, 100, 7)).at(2);
    for (const ask of [
      () => posterior.mean(),
      () => posterior.draws,
      () => posterior.interval(0.9),
      () => posterior.quantile(0.5),
    ]) {
      expect(ask).toThrow(reason);
    }
    await expect(posterior.sample(10)).rejects.toThrow(reason);
    await expect(posterior.map()).rejects.toThrow(reason);
    await expect(posterior.logDensity({ a: 1, b: Float64Array.of(0, 0) })).rejects.toThrow(reason);
  });

  it("is an error where there is no other", async () => {
    const alone = { ...partly, size: 1, draw: () => partly.draw(10, 0, 2, 3) };
    await expect(PosteriorBatch.of(alone, 10, 0)).rejects.toThrow(reason);
  });
});

describe("derived quantities", () => {
  it("have names, types, draws and summaries of their own, also in batches", async () => {
    const ratios = posteriors.map(({ a, b }) => ({
      sum: a + (b[0] ?? 0),
      twice: b.map((x) => 2 * x),
    }));
    expect(ratios.parameterNames).toEqual(["sum", "twice[0]", "twice[1]"]);
    const [mean, own] = [posteriors.mean(), ratios.mean()];
    for (let i = 0; i < SIZE; i++) {
      expect(own.sum[i]).toBeCloseTo((mean.a[i] ?? 0) + (mean.b[2 * i] ?? 0), 4);
      expect(own.twice[2 * i + 1]).toBeCloseTo(2 * (mean.b[2 * i + 1] ?? 0), 4);
    }
    const one = posteriors.at(2).map(({ a }) => ({ square: a ** 2 }));
    // The square of N(m, s²) has the mean m² + s²; 4,001 draws err by less than 4 of √(2 s⁴ + 4 m² s²) / √4,001.
    const [m, s] = [meanOf(2, 0), sdOf(2, 0)];
    const error = Math.sqrt((2 * s ** 4 + 4 * m ** 2 * s ** 2) / DRAWS);
    const square: number = one.mean().square;
    expect(Math.abs(square - (m ** 2 + s ** 2))).toBeLessThan(4 * error);
    expect(one.interval(0.9).square[0]).toBeLessThan(square);
    const fresh = await one.sample(10, 3);
    const same = await posteriors.at(2).sample(10, 3);
    expect(fresh.data[4]).toBeCloseTo((same.data[4 * P] ?? 0) ** 2, 3);
    await expect(one.logDensity({ square: 1 })).rejects.toThrow("no density");
  });

  it("must be numbers of the same names each time", () => {
    let count = 0;
    expect(() => posteriors.map(() => (count++ > 5 ? { other: 1 } : { one: 1 }))).toThrow(
      InvalidArgumentError,
    );
    expect(() => posteriors.map(() => ({}))).toThrow("at least one quantity");
  });
});

describe("correlations and conditional densities", () => {
  it("are those of the joint distribution", async () => {
    const sums = posteriors.map(({ a, b }) => ({ a, sum: a + (b[0] ?? 0) }));
    for (let i = 0; i < SIZE; i++) {
      const { names, shape, data } = sums.at(i).correlation();
      expect([names, shape]).toEqual([
        ["a", "sum"],
        [2, 2],
      ]);
      const exact = sdOf(i, 0) / Math.hypot(sdOf(i, 0), sdOf(i, 1));
      // Errs by (1 - ρ²) / √n.
      expect(Math.abs((data[1] ?? NaN) - exact)).toBeLessThan(
        (4 * (1 - exact ** 2)) / Math.sqrt(DRAWS),
      );
      expect([data[0], data[3]]).toEqual([1, 1]);
    }
    expect(sums.correlation().shape).toEqual([SIZE, 2, 2]);
    const found = await posteriors.at(1).conditional({ a: 3, "b[1]": 0.2 });
    expect(found.names).toEqual(["b[0]"]);
    const [m, s] = [meanOf(1, 1), sdOf(1, 1)];
    for (const [i, x] of (found.axes[0] ?? []).entries()) {
      const exact = Math.exp(-0.5 * ((x - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI));
      expect(found.density[i]).toBeCloseTo(exact, 3);
    }
    // Of all data sets at once, each at a value of its own.
    const values = Array.from({ length: SIZE }, (_, i) => 3 + 0.1 * i);
    const all = await posteriors.conditional({ a: values, "b[1]": 0.2 });
    for (const [i, one] of all.entries()) {
      expect(one).toEqual(await posteriors.at(i).conditional({ a: values[i] ?? NaN, "b[1]": 0.2 }));
    }
    await expect(posteriors.conditional({ a: [1], "b[1]": 0.2 })).rejects.toThrow(
      `"a" must be a number, or one for each of ${SIZE} data sets`,
    );
    const two = await posteriors.at(1).conditional({ a: 3 }, { points: 30 });
    expect(two.density.length).toBe(900);
    await expect(posteriors.at(1).conditional({})).rejects.toThrow(
      "one or two parameters must be left",
    );
    await expect(posteriors.at(1).conditional({ c: 1 })).rejects.toThrow('no parameter "c"');
  });
});
