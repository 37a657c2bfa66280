/**
 * The program that differentiates a likelihood or a ratio: what samplers that follow slopes ask of an estimator.
 */
import { gradient, sum } from "@amortis/graph";
import type { Programs } from "../methods/method.js";

/** Terms of parameters that go with a prior's. */
const TERMS = ["logLikelihood", "logRatio"] as const;

/** The same programs, with one beside the term's own that gives its gradient in `theta` as well; others as they are. */
export function withSlope(programs: Programs): Programs {
  const name = TERMS.find((term) => programs[term] !== undefined);
  const program = name && programs[name];
  const theta = program?.inputs["theta"];
  const value = name && program?.outputs[name];
  if (program === undefined || theta === undefined || value === undefined) return programs;
  // Each term depends on its own parameters alone: the gradient of their sum has the gradient of each.
  const [slope = theta] = gradient(sum(value), [theta]);
  const { inputs, outputs } = program;
  return { ...programs, slope: { inputs, outputs: { ...outputs, gradient: slope } } };
}
