/**
 * Estimates of parameters over decades.
 */
import { compile, constant, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import { defineModel, gamma, logNormal, nbe, stream, train } from "../../src/index.js";
import { relativeLoss } from "../../src/losses/relative-loss.js";

const [center, width, middle, spread] = [2, 0.01, 0.5, 3];
const tails = { center: [center], width: [width], mean: [middle], sd: [spread] };
const seen = (theta: number): number => (Math.asinh((theta - center) / width) - middle) / spread;

test.each([
  ["of one side", (e: number) => center + Math.exp(2 * e)],
  ["of both sides", (e: number) => center + Math.sign(e) * Math.exp(Math.abs(2 * e)) * 0.05 + 0.2],
])("a posterior %s has the mean for its best estimate", async (_, draw) => {
  const n = 4001;
  const random = stream(8);
  const draws = Float64Array.from({ length: n }, () => draw(random.normal()));
  const mean = draws.reduce((a, b) => a + b, 0) / n;
  const unused = input("unused", [1]);
  const filled = (f: (i: number) => number) =>
    constant(
      Float64Array.from({ length: n }, (_x, i) => f(i)),
      [n, 1],
      "float64",
    );
  const risk = async (at: number): Promise<number> => {
    const y = relativeLoss(
      filled(() => seen(at)),
      filled((i) => seen(draws[i] ?? 0)),
      tails,
    );
    const program = await compile({ inputs: { unused }, outputs: { y } }, nodeRuntime());
    const values = Array.from((await program.run({ unused: [0] })).y.data, Number);
    await program.release();
    return values.reduce((a, b) => a + b, 0) / n;
  };
  const least = await risk(mean);
  const far = Math.abs(mean - center);
  for (const step of [-0.05, 0.05, -0.9, 3]) {
    expect(await risk(mean + step * far)).toBeGreaterThan(least);
  }
});

const small = { simulations: 8000, epochs: 20, seed: 1, workers: 0, threads: 1 };

/** y_i = scale (1 + .2 e_i): scale | y is about ȳ, with a 90 % interval of ȳ [.86, 1.16]. */
function scaleModel(prior: ReturnType<typeof logNormal>) {
  return defineModel({
    name: "scale",
    parameters: { scale: prior },
    data: { y: [5] },
    simulate: ({ scale }, random) => ({
      y: Array.from({ length: 5 }, () => scale * (1 + 0.2 * random.normal())),
    }),
  });
}

test("means, medians and intervals are learned at every level of ten decades", async () => {
  const levels = [1e-3, 1e-1, 1, 10, 1e3];
  const y = Float32Array.from(levels.flatMap((c) => [0.9, 1.1, 1.05, 0.95, 1].map((v) => v * c)));
  for (const loss of ["squared", "absolute"] as const) {
    const fitted = await train(nbe(scaleModel(logNormal(0, 3)), { loss, interval: 0.9 }), small);
    const { scale } = await fitted.estimateBatch({ y });
    const { lower, upper } = await fitted.intervalBatch(0.9, { y });
    for (const [i, level] of levels.entries()) {
      expect(Math.abs((scale[i] ?? 0) / level - 1)).toBeLessThan(0.12);
      // The ends of the intervals, from a few hundred simulations of each decade: [.86, 1.16] to a factor of three.
      if (level < 0.1 || level > 10) continue;
      expect(lower.scale[i]).toBeLessThan(level);
      expect(upper.scale[i]).toBeGreaterThan(level);
      expect((upper.scale[i] ?? 0) / (lower.scale[i] ?? 0)).toBeLessThan(4);
    }
    await fitted.release();
  }
});

// Forty decades: the first step used to overflow.
test.each([{ interval: 0.9 }, { loss: "absolute" as const }])(
  "training does not diverge over forty decades (%j), and finds where the data are",
  async (options) => {
    const quick = { ...small, simulations: 2000, epochs: 8, onWarning: () => {} };
    const fitted = await train(nbe(scaleModel(logNormal(0, 20)), options), quick);
    expect(fitted.details.training.endedBy).toBe("complete");
    const { scale } = await fitted.estimate({ y: [0.9, 1.1, 1.05, 0.95, 1] });
    expect(scale).toBeGreaterThan(0.3);
    expect(scale).toBeLessThan(3);
    await fitted.release();
  },
);

// Half of these numbers are nothing to single precision. What is held here is that training ends and answers with numbers: it does not find where the data are
// with so few simulations, since normal scores of this prior are far from linear in the logarithms that networks see.
test.each([{ interval: 0.9 }, { loss: "absolute" as const }])(
  "training does not diverge where half of the numbers underflow (%j)",
  async (options) => {
    const quick = { ...small, simulations: 2000, epochs: 8, onWarning: () => {} };
    const fitted = await train(nbe(scaleModel(gamma(0.01, 1)), options), quick);
    expect(fitted.details.training.endedBy).toBe("complete");
    expect(fitted.history.every(({ trainingLoss }) => Number.isFinite(trainingLoss))).toBe(true);
    const { scale } = await fitted.estimate({ y: [0.9, 1.1, 1.05, 0.95, 1] });
    expect(Number.isFinite(scale) && scale > 0).toBe(true);
    await fitted.release();
  },
);
