/**
 * The maximum mean discrepancy between summaries and the standard normal distribution,
 *
 *     MMD² = E k(s, s') - 2 E k(s, y) + E k(y, y'),      s, s' summaries, y, y' ~ N(0, I),      k(x, y) = Σ_c exp(-|x - y|² / 2 h_c²),
 *
 * a penalty on learned summaries: those of the model's data are then standard normal, and data that the model does not make have nowhere to hide among them. All that is of y is known in
 * closed form, with d the length of a summary,
 *
 *     E k(s, y) = (h² / (h² + 1))^{d/2} exp(-|s|² / 2 (h² + 1)),      E k(y, y') = (h² / (h² + 2))^{d/2},
 *
 * so that no normal draws are compared with: the statistic of Baringhaus, Henze, Epps & Pulley, without bias.
 *
 * References: Schmitt, Bürkner, Köthe & Radev (2021), arXiv 2112.08866, for the penalty; Gretton et al. (2012); Baringhaus & Henze (1988).
 */
import {
  add,
  div,
  exp,
  InvalidArgumentError,
  matmul,
  mul,
  square,
  sub,
  sum,
  transpose,
  type Tensor,
} from "@amortis/graph";

/** Squares of bandwidths, in parts of d: distances of standard normal summaries have the square 2 d on average. */
const BANDWIDTHS = [0.25, 1, 4] as const;

/**
 * What each summary of a minibatch has to do with MMD², in [batch]: the mean is an estimate of it without bias.
 *
 * @param summaries [batch, d], two or more.
 * @throws InvalidArgumentError where there is one.
 */
export function gaussianMmd(summaries: Tensor): Tensor {
  const [n, d] = summaries.shape.map(Number);
  if (n === undefined || d === undefined || !(n >= 2)) {
    throw new InvalidArgumentError(
      `a discrepancy of summaries needs two or more in a minibatch, but there are ${n}: make batch larger`,
    );
  }
  const squares = sum(square(summaries), { axes: [-1], keepDims: true });
  const products = matmul(summaries, transpose(summaries));
  const distances = sub(add(squares, transpose(squares)), mul(products, 2));
  const terms = BANDWIDTHS.map((part) => {
    const h2 = part * d;
    const near = sum(exp(mul(distances, -0.5 / h2)), { axes: [-1] });
    // Of a summary with itself the kernel is one, which is no pair.
    const pairs = div(sub(near, 1), n - 1);
    const normal = mul(
      exp(mul(sum(square(summaries), { axes: [-1] }), -0.5 / (h2 + 1))),
      2 * (h2 / (h2 + 1)) ** (d / 2),
    );
    return add(sub(pairs, normal), (h2 / (h2 + 2)) ** (d / 2));
  });
  const [first, ...others] = terms;
  if (first === undefined) throw new TypeError("there are bandwidths");
  return others.reduce((all, term) => add(all, term), first);
}
