/** Crossed factors where the items are always the same: their effects are a vector among the globals, so that subjects are independent given them. Against exact posteriors. */
import { expect, it } from "vitest";
import {
  deepSet,
  defineModel,
  dependent,
  discreteUniform,
  halfNormal,
  hierarchical,
  independent,
  missing,
  mlp,
  mlpSummary,
  normal,
  splineCoupling,
  stream,
  train,
  type Stream,
} from "../../src/extend.js";

const ITEMS = 3;
const SUBJECTS = 8;

/** Each subject has seen some of the items, one at least. */
const ratings = defineModel({
  name: "ratings",
  parameters: {
    mu: normal(0, 2),
    sdSubject: halfNormal(1),
    sdItem: halfNormal(1),
    item: dependent(
      ["sdItem"],
      independent([normal(0, 1), normal(0, 1), normal(0, 1)]),
      ({ sdItem }) => ({ scale: sdItem }),
    ),
  },
  groups: {
    subject: {
      count: discreteUniform(2, SUBJECTS),
      parameters: {
        own: dependent(["sdSubject"], normal(0, 1), ({ sdSubject }) => ({ scale: sdSubject })),
      },
    },
  },
  data: { y: missing([ITEMS]) },
  simulate: ({ mu, item, own }, random) => {
    const least = Math.floor(ITEMS * random.uniform());
    return {
      y: Array.from(item, (effect, k) => {
        const value = mu + own + effect + random.normal();
        return k === least || random.uniform() < 0.8 ? value : Number.NaN;
      }),
    };
  },
});

/** Ratings of so many subjects. */
function drawRatings(subjects: number, random: Stream): number[][] {
  const mu = 2 * random.normal();
  const [sdSubject, sdItem] = [Math.abs(random.normal()), Math.abs(random.normal())];
  const item = Array.from({ length: ITEMS }, () => sdItem * random.normal());
  return Array.from({ length: subjects }, (_, j) => {
    const own = sdSubject * random.normal();
    return item.map((effect, k) =>
      k === j % ITEMS || random.uniform() < 0.8 ? mu + own + effect + random.normal() : Number.NaN,
    );
  });
}

/** A normal distribution by its precision: mean, covariance, and the log of ∫ exp(h x - x P x / 2) dx but for a constant; by elimination. */
function solved(precision: readonly (readonly number[])[], h: readonly number[]) {
  const d = h.length;
  const a = precision.map((row, i) => [...row, ...row.map((_, k) => (k === i ? 1 : 0))]);
  let logDeterminant = 0;
  for (let i = 0; i < d; i++) {
    const pivot = a[i]?.[i] ?? 1;
    logDeterminant += Math.log(pivot);
    a[i] = a[i]?.map((value) => value / pivot) ?? [];
    for (let r = 0; r < d; r++) {
      const by = a[r]?.[i] ?? 0;
      if (r !== i && by !== 0) a[r] = a[r]?.map((value, k) => value - by * (a[i]?.[k] ?? 0)) ?? [];
    }
  }
  const covariance = a.map((row) => row.slice(d));
  const mean = covariance.map((row) => row.reduce((sum, value, k) => sum + value * (h[k] ?? 0), 0));
  const log = (mean.reduce((sum, value, k) => sum + value * (h[k] ?? 0), 0) - logDeterminant) / 2;
  return { mean, covariance, log };
}

/** Exact means and standard deviations of mu, of each item, of each subject, and of what the first subject makes of the first item on average; by quadrature over both standard deviations. */
function exactly(y: readonly (readonly number[])[]) {
  const d = 1 + ITEMS + y.length;
  const grid = Array.from({ length: 24 }, (_, i) => (i + 0.5) / 7);
  const terms = grid.flatMap((sdSubject) =>
    grid.map((sdItem) => {
      const scales = Array.from({ length: d }, (_, i) =>
        i === 0 ? 2 : i <= ITEMS ? sdItem : sdSubject,
      );
      const precision = scales.map((scale, i) => scales.map((_, k) => (i === k ? scale ** -2 : 0)));
      const h = scales.map(() => 0);
      for (const [j, row] of y.entries()) {
        for (const [k, value] of row.entries()) {
          if (Number.isNaN(value)) continue;
          const places = [0, 1 + k, 1 + ITEMS + j];
          for (const r of places) {
            h[r] = (h[r] ?? 0) + value;
            for (const c of places) {
              const own = precision[r];
              if (own) own[c] = (own[c] ?? 0) + 1;
            }
          }
        }
      }
      const { mean, covariance, log } = solved(precision, h);
      const priors = scales.reduce((sum, scale) => sum - Math.log(scale), 0);
      const weight = log + priors - (sdSubject ** 2 + sdItem ** 2) / 2;
      const cell = [0, 1, 1 + ITEMS];
      const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
      return {
        weight,
        means: [...mean, sum(cell.map((i) => mean[i] ?? 0))],
        variances: [
          ...covariance.map((row, i) => row[i] ?? 0),
          sum(cell.flatMap((i) => cell.map((k) => covariance[i]?.[k] ?? 0))),
        ],
      };
    }),
  );
  const most = Math.max(...terms.map(({ weight }) => weight));
  const weights = terms.map(({ weight }) => Math.exp(weight - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return Array.from({ length: d + 1 }, (_, i) => {
    let [first, second] = [0, 0];
    for (const [t, { means, variances }] of terms.entries()) {
      const share = (weights[t] ?? 0) / total;
      first += share * (means[i] ?? 0);
      second += share * ((means[i] ?? 0) ** 2 + (variances[i] ?? 0));
    }
    return { mean: first, sd: Math.sqrt(second - first ** 2) };
  });
}

it("answers crossed factors as the exact posterior does", { timeout: 300_000 }, async () => {
  const small = { hidden: [32], activation: "silu" } as const;
  const method = hierarchical(ratings, {
    summary: mlpSummary({ ...small, outputs: 16 }),
    groups: deepSet({ phi: mlp(small), rho: mlp(small), features: 32, outputs: 16 }),
    density: splineCoupling({ hidden: [32], layers: 3 }),
    locals: splineCoupling({ hidden: [32], layers: 2 }),
  });
  const estimator = await train(method, {
    simulations: 6_000,
    epochs: 15,
    batch: 64,
    seed: 1,
    workers: 0,
    threads: 1,
  });
  let [far, wide, cellWide, apartWide, count] = [0, 0, 0, 0, 0];
  const sets = 8;
  for (let set = 0; set < sets; set++) {
    const y = drawRatings(3 + (set % 6), stream("crossed").split(set));
    const exact = exactly(y);
    const posterior = await estimator.given({ y }, { samples: 2_000, seed: set });
    const [mean, sd] = [posterior.mean(), posterior.sd()];
    const own = [
      { mean: mean.mu, sd: sd.mu },
      ...Array.from(mean.item, (value, k) => ({ mean: value, sd: sd.item[k] ?? 0 })),
      ...Array.from(mean.groups.subject.own, (value, j) => ({
        mean: value,
        sd: sd.groups.subject.own[j] ?? 0,
      })),
    ];
    for (const [i, { mean: center, sd: width }] of own.entries()) {
      const { mean: other, sd: right } = exact[i] ?? { mean: Number.NaN, sd: 1 };
      far += Math.abs(center - other) / right;
      wide += Math.abs(Math.log(width / right));
      count++;
    }
    // Effects are known by their sums: that is what factors depend on each other by.
    const first = await posterior.group("subject", 0);
    const cell = first.map((values) => ({ cell: values.mu + (values.item[0] ?? 0) + values.own }));
    const width: number = cell.sd().cell;
    const right = exact.at(-1)?.sd ?? 1;
    cellWide += Math.abs(Math.log(width / right));
    const apart = Math.hypot(sd.mu, sd.item[0] ?? 0, sd.groups.subject.own[0] ?? 0);
    apartWide += Math.abs(Math.log(apart / right));
  }
  // A network of 6,000 simulations is off by some tenths of a standard deviation.
  expect(far / count).toBeLessThan(0.3);
  expect(wide / count).toBeLessThan(0.3);
  // Were they independent of each other, sums would be known less well.
  expect(cellWide / sets).toBeLessThan(0.3);
  expect(apartWide / sets).toBeGreaterThan(0.5);
  await estimator.release();
});
