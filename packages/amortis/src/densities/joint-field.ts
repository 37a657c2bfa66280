/**
 * The field of a joint distribution, any of whose variables may be known, asked or left out: a transformer over the variables.
 *
 *     x_j = a_j value_j + b_j + known_j c_j;     x ← transformer(x | time), in which nobody looks at what is left out;     F_j = d_j · x_j + e_j
 *
 * (Gloeckler et al. 2024, arXiv 2404.09636, section 3), with weights a to e of each variable.
 */
import {
  add,
  expandDims,
  glorotUniform,
  heNormal,
  mul,
  normalInit,
  silu,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { timesOf, type Level } from "./noise-levels.js";
import { dense } from "../networks/mlp.js";
import { waves } from "../networks/modulated-residual.js";
import { numbersOf, tokensOf } from "../networks/transformer-field.js";
import type { TokenNetwork } from "../networks/transformer.js";

/** Variables, each at a value: [rows, m] all. */
export interface JointPoint {
  readonly values: Tensor;
  /** 1 where the value is known, 0 where it is asked. */
  readonly known: Tensor;
  /** 1 where the variable is there, 0 where it is left out. */
  readonly here: Tensor;
  /** [rows or 1, 1] */
  readonly level: Level;
}

/** How large the marks of what is known begin. */
const KNOWN_SD = 0.5;

/** F, [rows, m]: its numbers count where a variable is asked. */
export function jointField(network: TokenNetwork): (scope: Scope, point: JointPoint) => Tensor {
  const { width } = network;
  return (scope, { values, known, here, level }) => {
    const m = Number(values.shape.at(-1));
    const mark = scope.child("tokens").variable("known", [m, width], normalInit(KNOWN_SD));
    const place = tokensOf(scope.child("tokens"), values, width);
    const tokens = add(place, mul(expandDims(known, -1), mark));
    const times = waves(timesOf(level));
    const inner = silu(dense(scope.child("time"), times, width, glorotUniform()));
    const condition = silu(dense(scope.child("embedding"), inner, width, heNormal()));
    const y = network.apply(scope.child("transformer"), tokens, {
      mask: expandDims(here, -2),
      condition: expandDims(condition, -2),
    });
    return numbersOf(scope.child("output"), y);
  };
}
