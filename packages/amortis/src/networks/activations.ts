/**
 * Activation functions of networks, by name.
 */
import {
  elu,
  gelu,
  InvalidArgumentError,
  leakyRelu,
  relu,
  silu,
  tanh,
  type Tensor,
} from "@amortis/graph";

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

/** The activation function of a name, element by element. */
export function activate(activation: Activation, x: Tensor): Tensor {
  return functions[activation](x);
}

/** @throws InvalidArgumentError where there is no activation of that name. */
export function requireActivation(what: string, activation: Activation): void {
  if (Object.hasOwn(functions, activation)) return;
  throw new InvalidArgumentError(
    `${what}: there is no activation "${activation}"; there are ${Object.keys(functions).join(", ")}`,
  );
}
