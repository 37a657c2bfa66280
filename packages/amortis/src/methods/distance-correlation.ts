/**
 * Neural summary statistics that depend on the parameters as strongly as they can, without a critic.
 *
 * The distance correlation of parameters and summaries (Székely, Rizzo & Bakirov 2007, arXiv 0803.4101) is zero where the two are independent and nowhere else, whatever their
 * dimensions, and one where each is the other but for a shift, a scale and a rotation:
 *
 *     R = E[ A B ] / √( E[ A² ] E[ B² ] ),      A, B: |θ - θ'| and |S - S'|, centred over both of their arguments.
 *
 * Chen et al. (2021, arXiv 2010.10079) learn near-sufficient statistics by it, beside the Jensen-Shannon bound of `mutual-information.ts`: there is nothing adversarial in it and
 * nothing to be trained beside the summary, but it is no number of nats, and what it weighs are distances between parameters in units of the prior. Here it is the estimate of Székely
 * & Rizzo (2014, arXiv 1310.2926) from the pairs of a minibatch, whose products are unbiased: averages over minibatches are those of large ones.
 */
import {
  add,
  broadcastTo,
  constant,
  div,
  expandDims,
  mul,
  neg,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from "@amortis/graph";
import { InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { Settings } from "../settings/settings.js";
import type { Method } from "./method.js";
import { networkCalledSummary, summaryFields, summaryMethod } from "./summary-method.js";
import { longTraining } from "./usual-training.js";

const settings = new Settings(
  "method",
  "distanceCorrelationSummary",
  z.strictObject({
    ...summaryFields,
  }),
  {
    alias: "distance-correlation",
    about: "summary statistics of much dependence",
    fromConfiguration: networkCalledSummary,
  },
);

/** Network and length of a summary of much dependence. */
export type DistanceCorrelationOptions = z.input<typeof settings.schema>;

/**
 * A summary trained to maximise its distance correlation with the parameters.
 *
 * @throws InvalidArgumentError where the length is no positive integer; in training, where minibatches have fewer than four examples.
 * @example
 * const learned = await train(distanceCorrelationSummary(field, { network: cnn() }), { simulations: 20_000 });
 * nle(field, { transform: learned.transform() });
 */
export function distanceCorrelationSummary<M extends AnyModel>(
  model: M,
  options: DistanceCorrelationOptions = {},
): Method<M, "summary"> {
  const { transform, network, size = model.parameterSize } = settings.resolve(options);
  return summaryMethod({
    settings,
    model,
    transform,
    network,
    size,
    described: {},
    training: longTraining,
    losses: ({ parametersSeen }, summarized) => {
      const batch = Number(parametersSeen.shape[0]);
      const loss = neg(distanceCorrelation(parametersSeen, summarized));
      return broadcastTo(reshape(loss, [1]), [batch]);
    },
  });
}
distanceCorrelationSummary.settings = settings;

/** Fewer pairs leave nothing once they are centred. */
const FEWEST = 4;

/**
 * The distance correlation, squared, of the rows of x [n, p] and y [n, k] by unbiased products: a scalar, at most 1 and about 0 where they are independent.
 *
 * @throws InvalidArgumentError for fewer than four rows.
 */
export function distanceCorrelation(x: Tensor, y: Tensor): Tensor {
  const n = Number(x.shape[0]);
  if (n < FEWEST) {
    throw new InvalidArgumentError(
      `distanceCorrelationSummary: distances are compared between ${FEWEST} examples or more, but a minibatch has ${n}: raise batch`,
    );
  }
  const [a, b] = [centredDistances(x, n), centredDistances(y, n)];
  const product = (left: Tensor, right: Tensor): Tensor => sum(mul(left, right), { axes: [0, 1] });
  return div(product(a, b), sqrt(add(mul(product(a, a), product(b, b)), 1e-12)));
}

/** Distances of all pairs of rows, [n, n], so centred that each row and column adds to zero without its diagonal (U-centred). */
function centredDistances(rows: Tensor, n: number): Tensor {
  const squared = sum(square(sub(expandDims(rows, 1), expandDims(rows, 0))), { axes: [2] });
  const others = constant(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_j, j) => Number(i !== j))),
    [n, n],
    rows.dtype,
  );
  // The root has no derivative at zero, where two rows are one.
  const distances = mul(sqrt(add(squared, 1e-12)), others);
  const byRow = div(sum(distances, { axes: [1], keepDims: true }), n - 2);
  const byColumn = div(sum(distances, { axes: [0], keepDims: true }), n - 2);
  const all = div(sum(distances, { axes: [0, 1], keepDims: true }), (n - 1) * (n - 2));
  return mul(add(sub(sub(distances, byRow), byColumn), all), others);
}
