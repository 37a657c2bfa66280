/**
 * Which variables are known in training: masks of several kinds, one drawn for each example.
 *
 *     joint        nothing is known
 *     posterior    the data are
 *     likelihood   the parameters are
 *     few, many    each variable is, with probability 0.3 or 0.7
 *
 * (Gloeckler et al. 2024, arXiv 2404.09636, section 3.3 and appendix A2.)
 */
import {
  add,
  cast,
  constant,
  greaterEqual,
  less,
  mul,
  sub,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { lossNoise } from "../densities/loss-noise.js";

const frequency = z.number().min(0);

/** The setting: relative frequencies, 0 for those that are left out; all alike by default, as published. */
export const maskShares = z
  .strictObject({
    joint: frequency.default(0),
    posterior: frequency.default(0),
    likelihood: frequency.default(0),
    few: frequency.default(0),
    many: frequency.default(0),
  })
  .refine((all) => Object.values(all).some((value) => value > 0), {
    error: "must have a kind of mask whose frequency is above 0",
  })
  .default({ joint: 1, posterior: 1, likelihood: 1, few: 1, many: 1 });

/** Probabilities that a variable is known. */
const [FEW, MANY] = [0.3, 0.7];

/** Probability that a variable is left out, where any is. */
const LEFT_OUT = 0.3;

/** What masks are drawn for. */
export interface Masking {
  readonly batch: number;
  /** Variables that are parameters, and such as are data. */
  readonly k: number;
  readonly n: number;
  readonly masks: z.output<typeof maskShares>;
  /** Share of examples in which variables are left out. */
  readonly absent: number;
}

/** 1 or 0 for each variable, [batch, k + n]. */
export interface Masks {
  readonly known: Tensor;
  readonly here: Tensor;
}

/**
 * Masks, fresh at each training step.
 *
 * @param there 1 for each variable that an example has; all by default.
 */
export function drawMasks(scope: Scope, masking: Masking, there: Tensor | undefined): Masks {
  const { batch, k, n, masks, absent } = masking;
  const m = k + n;
  const uniform = (columns: number, of: string): Tensor =>
    lossNoise(scope, [batch, columns], "uniform", `masks in validation: ${of}`);
  const kind = uniform(1, "kind");
  const each = uniform(m, "each");
  const data = constant(Array.from({ length: m }, (_, j) => (j < k ? 0 : 1)));
  const total = Object.values(masks).reduce((a, b) => a + b, 0);
  let from = 0;
  /** 1 for the examples whose mask is of a kind, [batch, 1]; those of no other kind are of the joint one. */
  const isKind = (name: keyof typeof masks): Tensor => {
    const start = from;
    from += masks[name] / total;
    return mul(number(greaterEqual(kind, start)), number(less(kind, from)));
  };
  const parts = [
    mul(isKind("posterior"), data),
    mul(isKind("likelihood"), sub(1, data)),
    mul(isKind("few"), number(less(each, FEW))),
    mul(isKind("many"), number(less(each, MANY))),
  ];
  const known = parts.reduce((a, b) => add(a, b));
  const lacks = mul(
    number(less(uniform(1, "absent"), absent)),
    number(less(uniform(m, "left out"), LEFT_OUT)),
  );
  const kept = sub(1, lacks);
  return { known, here: there === undefined ? kept : mul(kept, there) };
}

function number(condition: Tensor): Tensor {
  return cast(condition, "float32");
}
