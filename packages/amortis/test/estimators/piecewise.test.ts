/**
 * Estimators by sample size: who is asked, and that answers come back in their order.
 */
import { expect, it } from "vitest";
import { bootstrap, defineModel, discreteUniform, normal, piecewise } from "../../src/index.js";
import { matchData, type Estimating } from "../../src/extend.js";
import { presentRow } from "../../src/data/elements.js";

const model = defineModel({
  name: "pieces",
  parameters: { mu: normal(0, 1) },
  sizes: { m: discreteUniform(1, 9) },
  data: { y: ["m"] },
  simulate: ({ mu }, _, { m }) => ({ y: Array.from({ length: m }, () => mu) }),
});
type P = (typeof model)["parameters"];

/** The sum of each data set, and a number that says who was asked. */
function asked(who: number): Estimating<P> {
  return {
    dataSpecs: model.dataSpecs,
    slots: model.prior.slots,
    estimateBatch: (data) => {
      const { data: sets } = matchData(model.dataSpecs, data);
      const sum = (row: number): number =>
        Array.from(presentRow(sets, row)["y"] ?? []).reduce((a, b) => a + b, who);
      return Promise.resolve({ mu: Float64Array.from({ length: sets.size }, (_, i) => sum(i)) });
    },
  };
}

const three = piecewise("m", [
  { upTo: 1, estimator: asked(100) },
  { upTo: 3, estimator: asked(200) },
  { estimator: asked(300) },
]);

it("asks the one that is for so many", async () => {
  const y = [[1], [1, 2, 3, 4], [5, 6], [7], [1, 1, 1], [2, 2, 2, 2, 2]];
  const { mu } = await three.estimateBatch({ y });
  expect([...mu]).toEqual([101, 310, 211, 107, 203, 310]);
  expect((await bootstrap(three, { y: [1, 1] }, { resamples: 3 })).estimate().mu).toBe(202);
});

it("refuses pieces out of order, and sizes that there are not", () => {
  const one = asked(1);
  expect(() => piecewise("m", [{ upTo: 3, estimator: one }])).toThrow(
    "pieces must go from few to many, each but the last with its upTo, but have 3",
  );
  expect(() => piecewise("m", [])).toThrow("but have none");
  const back = [{ upTo: 3, estimator: one }, { upTo: 2, estimator: one }, { estimator: one }];
  expect(() => piecewise("m", back)).toThrow("but have 3, 2, Infinity");
  expect(() => piecewise("n", [{ estimator: one }])).toThrow('have the size "n"');
});
