import { describe, expect, test } from "vitest";
import { normalCdf } from "../../src/math/index.js";
import { stream, threefry } from "../../src/random/index.js";
import { chiSquare, drawMany, kolmogorovSmirnov, RARE, standardScore } from "../goodness-of-fit.js";

function block(c0: number, c1: number, k0: number, k1: number): string {
  const out = new Uint32Array(2);
  threefry(k0, k1, c0, c1, out);
  return Array.from(out, (word) => word.toString(16).padStart(8, "0")).join(" ");
}

describe("Threefry2x32-20", () => {
  test("gives the known answers of Random123", () => {
    expect(block(0, 0, 0, 0)).toBe("6b200159 99ba4efe");
    expect(block(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toBe("1cb996fc bb002be7");
    expect(block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344)).toBe("c4923a9c 483df7a0");
  });

  test("gives the blocks that follow one another as one by one", () => {
    const out = new Uint32Array(6);
    threefry(1, 0x85a308d3, 0xfffffffe, 7, out);
    const each = [block(0xfffffffe, 7, 1, 0x85a308d3), block(0xffffffff, 7, 1, 0x85a308d3)];
    const words = Array.from(out, (word) => word.toString(16).padStart(8, "0")).join(" ");
    expect(words).toBe([...each, block(0, 8, 1, 0x85a308d3)].join(" "));
  });

  test("flips half of the bits when one bit of the counter or the key flips", () => {
    const [plain, flipped] = [new Uint32Array(2), new Uint32Array(2)];
    threefry(1, 2, 3, 4, plain);
    const flips = Array.from({ length: 128 }, (_, bit) => {
      const words = [1, 2, 3, 4];
      words[bit >> 5] = (words[bit >> 5] ?? 0) ^ (1 << (bit & 31));
      const [k0 = 0, k1 = 0, c0 = 0, c1 = 0] = words;
      threefry(k0, k1, c0, c1, flipped);
      const changed = Array.from(plain, (word, i) => (word ^ (flipped[i] ?? 0)) >>> 0);
      return changed
        .map((word) => word.toString(2).replaceAll("0", "").length)
        .reduce((a, b) => a + b);
    });
    // 128 times 64 bits, each with probability 1/2: standard error of the mean 4 / √128.
    expect(Math.abs(flips.reduce((a, b) => a + b) / 128 - 32)).toBeLessThan(
      4 * (4 / Math.sqrt(128)),
    );
    expect(Math.min(...flips)).toBeGreaterThan(8);
  });
});

describe("a stream", () => {
  test("is the same for ever", () => {
    const random = stream(1);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        1152454555,
        2373219238,
        2462651432,
      ]
    `);
    expect([random.uniform(), random.normal(), random.exponential()]).toMatchInlineSnapshot(`
      [
        0.45883515936186536,
        1.1722583401665023,
        0.15585465747187174,
      ]
    `);
    expect([random.gamma(0.3), random.beta(2, 3), random.integer(1000)]).toMatchInlineSnapshot(`
      [
        0.026166218561727073,
        0.07737825292226846,
        505,
      ]
    `);
    expect([
      random.poisson(3),
      random.poisson(300),
      random.binomial(9, 0.3),
      random.binomial(900, 0.3),
    ]).toMatchInlineSnapshot(`
      [
        4,
        302,
        2,
        270,
      ]
    `);
    expect(stream(1).split("simulation").split(41).uniform()).toMatchInlineSnapshot(
      `0.7622373251397221`,
    );
    expect(stream("seed").uniform()).toMatchInlineSnapshot(`0.6484759597023487`);
    expect(stream(2n ** 63n).uniform()).toMatchInlineSnapshot(`0.5209545532844139`);
    expect(Array.from(stream(1).permutation(8))).toMatchInlineSnapshot(`
      [
        7,
        6,
        1,
        4,
        0,
        2,
        5,
        3,
      ]
    `);
  });

  test("of a number and of the same bigint is one", () => {
    expect(stream(2 ** 40 + 3).uniform()).toBe(stream(2n ** 40n + 3n).uniform());
  });

  test("fills arrays with what single calls give", () => {
    const [filled, called] = [stream(7), stream(7)];
    // 20,000 normals: some hundreds are turned down, and some dozens are of the tail.
    for (const length of [1, 7, 64, 85, 20_000]) {
      const uniforms = new Float64Array(length);
      const normals = new Float32Array(length);
      filled.fillUniform(uniforms);
      filled.fillNormal(normals);
      expect(uniforms).toEqual(drawMany(length, () => called.uniform()));
      expect(normals).toEqual(Float32Array.from(drawMany(length, () => called.normal())));
    }
    expect(filled.uniform()).toBe(called.uniform());
  });

  test("stays below one in single precision", () => {
    const values = new Float32Array(1_000_000);
    stream(3).fillUniform(values);
    const limit = 1 - 2 ** -24;
    expect(values.every((u) => u >= 0 && u <= limit)).toBe(true);
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, -1n, 2n ** 64n])("cannot be made from %s", (seed) => {
    expect(() => stream(seed)).toThrow(/seed must be.*was given/);
  });
});

describe("split streams", () => {
  test("do not depend on what the parent drew, nor on the order of splits", () => {
    const parent = stream(5);
    const before = parent.split("a").uniform();
    parent.split(3);
    parent.fillNormal(new Float64Array(1000));
    expect(parent.split("a").uniform()).toBe(before);
  });

  test("do not change what the parent draws", () => {
    const [split, whole] = [stream(5), stream(5)];
    split.split("a").split(1).uniform();
    expect(split.uniform()).toBe(whole.uniform());
  });

  test("are all different", () => {
    const root = stream(0);
    const keys: (string | number)[] = [
      "",
      "0",
      "1",
      "a",
      "b",
      "ab",
      "ba",
      "é",
      "simulation",
      "\ud83d\ude00",
    ];
    for (let i = 0; i < 2000; i++) keys.push(i, 2 ** 32 + i, 2 ** 32 * (i + 2));
    keys.push(2 ** 31, 2 ** 52, 2 ** 53 - 1);
    const firsts = new Set(keys.map((key) => root.split(key).uniform()));
    firsts.add(root.uniform()).add(root.split("a").split("b").uniform());
    expect(firsts.size).toBe(keys.length + 2);
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN])("refuse the key %s", (key) => {
    expect(() => stream(0).split(key)).toThrow(/a key to split by must be a whole number/);
  });

  test("are uncorrelated: with their siblings, their parent and the next seed", () => {
    const n = 20_000;
    const pairs = [
      [stream(9).split(0), stream(9).split(1)],
      [stream(9), stream(9).split(0)],
      [stream(9), stream(10)],
      [stream(9).split("a"), stream(9).split("b")],
      [stream(9).split(0).split(1), stream(9).split(1).split(0)],
    ] as const;
    for (const [a, b] of pairs) {
      const products = drawMany(n, () => a.normal() * b.normal());
      expect(Math.abs(standardScore(products, 0))).toBeLessThan(4);
    }
  });

  test("their first draws are uniform, and independent in neighbours", () => {
    const root = stream(11).split("simulation");
    const n = 40_000;
    const first = drawMany(
      n,
      (
        (i) => () =>
          root.split(i++).uniform()
      )(0),
    );
    expect(kolmogorovSmirnov(first, (u) => u)).toBeGreaterThan(RARE);
    const cells = new Float64Array(64);
    for (let i = 0; i + 1 < n; i += 2) {
      const cell = Math.floor((first[i] ?? 0) * 8) * 8 + Math.floor((first[i + 1] ?? 0) * 8);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    expect(
      chiSquare(
        cells,
        cells.map(() => n / 2 / 64),
      ),
    ).toBeGreaterThan(RARE);
  });
});

describe("uniform and normal draws", () => {
  test("uniform: distribution, all 53 bits, no correlation with the next", () => {
    const n = 200_000;
    const draws = new Float64Array(n);
    stream(21).fillUniform(draws);
    expect(kolmogorovSmirnov(draws, (u) => u)).toBeGreaterThan(RARE);
    // The low 26 bits, as a number of their own.
    const low = Float64Array.from(draws, (u) => (u * 2 ** 27) % 1);
    expect(kolmogorovSmirnov(low, (u) => u)).toBeGreaterThan(RARE);
    const products = draws.slice(1).map((u, i) => (u - 0.5) * ((draws[i] ?? 0) - 0.5));
    expect(Math.abs(standardScore(products, 0))).toBeLessThan(4);
  });

  test("normal: distribution, moments, tails, no correlation with the next", () => {
    const n = 400_000;
    const draws = new Float64Array(n);
    stream(22).fillNormal(draws);
    expect(kolmogorovSmirnov(draws, normalCdf)).toBeGreaterThan(RARE);
    for (const [power, moment] of [
      [1, 0],
      [2, 1],
      [3, 0],
      [4, 3],
      [6, 15],
    ] as const) {
      expect(
        Math.abs(
          standardScore(
            draws.map((z) => z ** power),
            moment,
          ),
        ),
      ).toBeLessThan(4);
    }
    // The tail has a sampler of its own, beyond 3.44: about 233 draws.
    const tail = draws.filter((z) => Math.abs(z) > 3.442619855899);
    const mass = 2 * normalCdf(-3.442619855899);
    expect(Math.abs(tail.length - n * mass)).toBeLessThan(4 * Math.sqrt(n * mass));
    expect(
      kolmogorovSmirnov(tail, (z) => (z < 0 ? normalCdf(z) / mass : 1 - normalCdf(-z) / mass)),
    ).toBeGreaterThan(RARE);
    const products = draws.slice(1).map((z, i) => z * (draws[i] ?? 0));
    expect(Math.abs(standardScore(products, 0))).toBeLessThan(4);
  });
});
