/**
 * Losses of ratios on a discrete joint distribution, whose ratio is known, and beside sbi's.
 */
import { readFileSync } from "node:fs";
import {
  compile,
  constant,
  gather,
  gradient,
  input,
  mean,
  mul,
  reshape,
  slice,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it, test } from "vitest";
import {
  balancedLoss,
  contrastiveLoss,
  crossEntropyLoss,
  defineModel,
  multiclassLoss,
  normal,
  nre,
  type RatioLoss,
} from "../../src/index.js";

/** 20 p(θ, z) of three values of θ, down, and four of z, across. */
const COUNTS = [
  [3, 1, 1, 1],
  [1, 3, 2, 1],
  [1, 1, 1, 4],
];
const TOTAL = 20;
const [THETAS, ZS] = [3, 4] as const;
const ofTheta = COUNTS.map((row) => row.reduce((a, b) => a + b, 0));
const ofZ = Array.from({ length: ZS }, (_, z) =>
  COUNTS.reduce((sum, row) => sum + (row[z] ?? 0), 0),
);

/** log p(z | θ) / p(z), [θ, z]. */
const RATIOS = COUNTS.flatMap((row, t) =>
  row.map((count, z) => Math.log((count * TOTAL) / ((ofTheta[t] ?? 1) * (ofZ[z] ?? 1)))),
);

/** Cells of the table of f: of the joint draw, and of two draws of the prior with its z; each as often as it is likely, of 20³. */
const cells = COUNTS.flatMap((row, t) =>
  row.flatMap((count, z) =>
    ofTheta.flatMap((first, i) =>
      ofTheta.flatMap((second, j) =>
        Array.from({ length: count * first * second }, () => [t, i, j].map((k) => k * ZS + z)),
      ),
    ),
  ),
);

const f = input("f", [THETAS * ZS], "float64");
const at = (columns: readonly number[]): Tensor => {
  const indices = cells.flatMap((row) => columns.map((column) => row[column] ?? 0));
  return reshape(gather(f, constant(indices, [indices.length], "int64")), [
    cells.length,
    columns.length,
  ]);
};

/** The expected loss of a table of f, exactly, and its gradient. */
async function expectedLoss(loss: RatioLoss) {
  const risk = mean(loss(at([0]), at([1, 2])));
  const [slope = risk] = gradient(risk, [f]);
  const program = await compile({ inputs: { f }, outputs: { risk, slope } }, nodeRuntime());
  return async (values: readonly number[]) => {
    const found = await program.run({ f: Float64Array.from(values) });
    return { risk: Number(found.risk.data[0]), slope: Array.from(found.slope.data, Number) };
  };
}

const LOSSES: readonly (readonly [string, RatioLoss])[] = [
  ["NRE-A", crossEntropyLoss],
  ["NRE-B", contrastiveLoss()],
  ["NRE-C", multiclassLoss()],
  ["NRE-C, γ = 5", multiclassLoss({ gamma: 5 })],
  ["balanced", balancedLoss(100)],
];

describe.each(LOSSES)("%s", (_, loss) => {
  it("is least at the ratio, and its gradient is that of differences", async () => {
    const evaluate = await expectedLoss(loss);
    const best = await evaluate(RATIOS);
    for (const slope of best.slope) expect(Math.abs(slope)).toBeLessThan(1e-12);
    const moved = RATIOS.map((value, i) => value + 0.3 * Math.sin(3 * i));
    const away = await evaluate(moved);
    expect(away.risk).toBeGreaterThan(best.risk + 1e-4);
    for (const [i, slope] of away.slope.entries()) {
      const step = (h: number) => evaluate(moved.map((value, k) => (k === i ? value + h : value)));
      const difference = ((await step(1e-5)).risk - (await step(-1e-5)).risk) / 2e-5;
      expect(Math.abs(difference - slope)).toBeLessThan(1e-7);
    }
  });
});

it("leaves a constant of each data set free in NRE-B alone, which says so", async () => {
  // c(z), added to all θ.
  const shifted = RATIOS.map((value, i) => value + ([0.5, -1, 2, 0][i % ZS] ?? 0));
  const gains = await Promise.all(
    LOSSES.map(async ([, loss]) => {
      const evaluate = await expectedLoss(loss);
      return (await evaluate(shifted)).risk - (await evaluate(RATIOS)).risk;
    }),
  );
  const isFree = gains.map((gain) => Math.abs(gain) < 1e-12);
  expect(isFree).toEqual(LOSSES.map(([, { upToConstant = false }]) => upToConstant));
  expect(isFree).toEqual(LOSSES.map(([name]) => name === "NRE-B"));
});

const model = defineModel({
  name: "one",
  parameters: { theta: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ theta }) => ({ y: [theta, theta] }),
});

it("is said by the method, which refuses means of ratios with constants of their own", () => {
  const method = nre(model, { loss: contrastiveLoss() });
  expect(method.answers).toEqual({ kind: "ratio", upToConstant: true });
  expect(method.limits).toContain("up to a constant of each data set");
  expect(method.description).toMatchObject({ loss: { kind: "contrastive" } });
  expect(() => nre(model, { loss: contrastiveLoss(), members: 3 })).toThrow(
    "nre: 3 members answer by the mean of their ratios, which this loss learns up to a constant",
  );
  expect(nre(model, { loss: multiclassLoss(), members: 3 }).answers).toEqual({ kind: "ratio" });
  expect(() => multiclassLoss({ gamma: 0 })).toThrow("gamma must be above 0, but is 0");
});

interface Golden {
  readonly batch: number;
  readonly classes: number;
  /** [batch, 1 + classes] */
  readonly logits: readonly number[];
  readonly losses: Readonly<Record<"a" | "b" | "c" | "cOfGamma" | "balanced", number>>;
  readonly gamma: number;
  readonly weight: number;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by ratio_losses_golden.py
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/ratio-losses-golden.json", import.meta.url), "utf8"),
) as Golden;

test("equals sbi's", async () => {
  const { batch, classes, gamma, weight, losses } = golden;
  const logits = constant(Float64Array.from(golden.logits), [batch, classes + 1], "float64");
  const joint = slice(logits, 1, 0, 1);
  const one = slice(logits, 1, 1, 2);
  const product = slice(logits, 1, 1, classes + 1);
  const outputs = {
    // sbi's is the mean of two halves, of which ours is the sum.
    a: mul(mean(crossEntropyLoss(joint, one)), 0.5),
    balanced: mul(mean(balancedLoss(2 * weight)(joint, one)), 0.5),
    b: mean(contrastiveLoss()(joint, product)),
    c: mean(multiclassLoss()(joint, product)),
    cOfGamma: mean(multiclassLoss({ gamma })(joint, product)),
  };
  const program = await compile({ inputs: {}, outputs }, nodeRuntime());
  const found = await program.run({});
  for (const [name, { data }] of Object.entries(found)) {
    expect(Number(data[0])).toBeCloseTo(losses[name as keyof typeof losses], 12);
  }
});
