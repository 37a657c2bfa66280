/** The short diagnosis at the end of a training. */
import { expect, it } from "vitest";
import { shortDiagnosis } from "../../src/diagnostics/index.js";
import { openEstimator } from "../../src/estimators/load.js";
import { train, type Estimator } from "../../src/index.js";
import { conjugate, method, quick } from "../training/quick.js";

const fitted = await train(method, { ...quick, simulations: 4_000, epochs: 20 });

/** The same, as if its training had taken so long. */
function after(seconds: number): Promise<Estimator> {
  const { contents } = fitted;
  const { details } = contents;
  const training = { ...details.training, seconds };
  return openEstimator({ ...contents, details: { ...details, training } }, { model: conjugate });
}

/** The model, with a count of what it simulates. */
function counting(simulate = conjugate.simulate.bind(conjugate)) {
  const count = { of: 0 };
  const model: typeof conjugate = {
    ...conjugate,
    simulate: (...given) => {
      count.of++;
      return simulate(...given);
    },
  };
  return { count, model };
}

it("judges by simulations that nothing else has used", async () => {
  const found = await shortDiagnosis(await after(1e6), conjugate);
  expect(found).toMatchObject({ simulations: 500, calibrated: true });
  expect(found?.verdict).toMatch(/^calibrated as far as 500 fresh simulations tell/);
});

it("finds a simulator that is another than the one it was trained with", async () => {
  const { model } = counting(({ theta }, random) => ({
    y: [theta + 1 + random.normal(), theta + 1 + random.normal()],
  }));
  const found = await shortDiagnosis(await after(1e6), model);
  expect(found?.verdict).toMatch(/^not calibrated: theta is .*biased upwards/);
});

it("makes one simulation to see what they take, and no more where that is long beside the training", async () => {
  const { count, model } = counting((...given) => {
    const until = performance.now() + 60;
    while (performance.now() < until);
    return conjugate.simulate(...given);
  });
  // A twentieth of 10 s, of which a hundred simulations would take 6 s.
  expect(await shortDiagnosis(await after(10), model)).toBeUndefined();
  expect(count.of).toBe(1);
});

it("says nothing of trainings that took no time, and ends when it is told to", async () => {
  const { count, model } = counting();
  expect(await shortDiagnosis(await after(1), model)).toBeUndefined();
  expect(count.of).toBe(0);
  await expect(
    shortDiagnosis(await after(1e6), conjugate, AbortSignal.abort(new Error("enough"))),
  ).rejects.toThrow("enough");
});
