/**
 * Activation functions of networks, by name.
 */
import { elu, gelu, leakyRelu, relu, silu, tanh, type Tensor } from "@amortis/graph";
import * as z from "zod";

const functions = {
  relu,
  leakyRelu: (x: Tensor) => leakyRelu(x, 0.01),
  elu,
  gelu,
  silu,
  tanh,
};

/** Name of an activation function. */
export type Activation = keyof typeof functions;

/** The setting. */
export const activation = z.enum(["relu", "leakyRelu", "elu", "gelu", "silu", "tanh"]);

/** The activation function of a name, element by element. */
export function activate(name: Activation, x: Tensor): Tensor {
  return functions[name](x);
}
