/**
 * A model turned round, to learn an emulator of its simulator: its parameters are the numbers of a data set, and its data the parameters.
 *
 * A density of those given these is one of the data given θ, p̂(Z | θ): synthetic simulations at any θ, for nothing.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { independent, normal } from "../distributions/index.js";
import { defineModel, type AnyModel } from "../model/index.js";

/** The names of its parameters, the data set's numbers, and of its data, the parameters. */
export const EMULATED = "z";
export const GIVEN = "theta";

/**
 * The model of `numbers` standardised numbers of a data set given `parameters` parameters as networks see them.
 *
 * The prior says no more than that the numbers lie on the whole line: they are learned from simulations, not drawn.
 */
export function emulatedModel(numbers: number, parameters: number): AnyModel {
  return defineModel({
    name: "emulator",
    parameters: { [EMULATED]: independent(Array.from({ length: numbers }, () => normal(0, 1))) },
    data: { [GIVEN]: [parameters] },
    simulate: () => {
      throw new InvalidArgumentError("an emulator learns from simulations, it makes none");
    },
  });
}
