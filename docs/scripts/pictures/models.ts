/**
 * The small models of the pictures: each has a likelihood, so that an exact posterior can be drawn beside what was learned.
 */
import { defineModel, normal, uniform } from "amortis";
import { constant, mul, square, sub, sum } from "amortis/extend";

/** Of a standard normal number. */
const logNormal = (residual: number, sd: number): number =>
  -0.5 * (residual / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

/** A straight line through the origin with noise: 20 points. */
export const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
  data: { y: [20] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()),
  }),
  logLikelihood: ({ slope, noise }, { y }) =>
    noise <= 0
      ? -Infinity
      : Array.from(y).reduce(
          (total, value, i) => total + logNormal(value - (slope * i) / 20, noise),
          0,
        ),
});

/** Noise of the squares. */
const SD = 0.5;

/** A number seen by its square: two modes. */
export const squared = defineModel({
  name: "squared",
  parameters: { theta: normal(0, 1.5) },
  data: { y: [] },
  simulate: ({ theta }, random) => ({ y: theta ** 2 + SD * random.normal() }),
  logLikelihood: ({ theta }, { y }) => logNormal((y[0] ?? Number.NaN) - theta ** 2, SD),
  graphLogLikelihood: ({ theta }, { y }) => {
    // Parameters are [..., 1], and data of one number [...].
    const squares = sum(square(theta), { axes: [theta.shape.length - 1] });
    const exponent = mul(square(sub(y, squares)), constant(-0.5 / SD ** 2));
    return sub(exponent, constant(Math.log(SD) + 0.5 * Math.log(2 * Math.PI)));
  },
});

/** Eight numbers about a mean: the sample mean is all that they say. */
export const mean = defineModel({
  name: "mean",
  parameters: { mu: normal(0, 1) },
  data: { y: [8] },
  simulate: ({ mu }, random) => ({ y: Array.from({ length: 8 }, () => mu + random.normal()) }),
  logLikelihood: ({ mu }, { y }) =>
    Array.from(y).reduce((total, value) => total + logNormal(value - mu, 1), 0),
});

/** Data of the line at slope 0.8 and noise 0.5. */
export const LINE_TRUTH = { slope: 0.8, noise: 0.5 };
