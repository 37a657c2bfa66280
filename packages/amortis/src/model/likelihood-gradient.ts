/**
 * A user's gradient of a likelihood, checked where it comes in.
 */
import { ModelError } from "./validate.js";
import { show } from "../show.js";
import type { LikelihoodGradient } from "./types.js";

type Gradient<A extends readonly unknown[]> = (...given: A) => LikelihoodGradient;

/**
 * The same function, whose results are checked.
 *
 * @param parameters flat parameters of the model.
 * @throws ModelError of a result that is no value with one derivative a parameter.
 */
export function checkedGradient<A extends readonly unknown[]>(
  model: string,
  parameters: number,
  gradient: Gradient<A>,
): Gradient<A> {
  return (...given) => {
    const found = gradient(...given);
    const problem = wrongWith(found, parameters);
    if (problem === undefined) return found;
    throw new ModelError(
      `the model "${model}": logLikelihoodGradient must give { value, gradient }: a number, and ${parameters} derivative(s) in the flat parameters, in their order; but ${problem}`,
    );
  };
}

/** What is wrong with what a user's function gave, of whatever type it is. */
function wrongWith(found: unknown, parameters: number): string | undefined {
  if (typeof found !== "object" || found === null) return `${show(found)} was given`;
  const { value, gradient }: { value?: unknown; gradient?: unknown } = found;
  if (typeof value !== "number") return `value is ${show(value)}`;
  if (
    !Array.isArray(gradient) &&
    !(gradient instanceof Float64Array || gradient instanceof Float32Array)
  ) {
    return `gradient is ${show(gradient)}`;
  }
  return gradient.length === parameters ? undefined : `gradient has ${gradient.length} number(s)`;
}
