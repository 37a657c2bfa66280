/**
 * Joint priors of which some are changed.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Distribution } from "./distribution.js";
import { jointPrior, onOffset, type JointPrior } from "./joint.js";

/**
 * A joint prior with others in the place of some.
 *
 * @throws InvalidArgumentError where there is no such parameter, or another shape is given.
 */
export function changedPrior(
  { slots, priors, offset }: JointPrior,
  others: Readonly<Record<string, Distribution>>,
): JointPrior {
  const unknown = Object.keys(others).find((name) => !Object.hasOwn(priors, name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `there is no parameter "${unknown}" to have a prior; there are ${Object.keys(priors).join(", ")}`,
    );
  }
  for (const { name, shape } of slots) {
    const other = others[name];
    if (other === undefined || JSON.stringify(other.shape) === JSON.stringify(shape)) continue;
    throw new InvalidArgumentError(
      `the prior of "${name}" must have the shape [${shape.join(", ")}], but has [${other.shape.join(", ")}]`,
    );
  }
  return onOffset(jointPrior({ ...priors, ...others }), offset);
}
