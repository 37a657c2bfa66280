/**
 * Data on the logarithmic scale, where a network sees small values as well as large ones.
 */
import { InvalidArgumentError } from "amortis";
import { type DataTransform, log } from "amortis/extend";

/**
 * log X in the place of X: the margins become reversed Gumbel, of standard deviation π/√6 at every site, and the field's dependence,
 * strongest among the smallest values of X, is spread out. Standardisation comes on top.
 *
 * @throws InvalidArgumentError where it is given the data of another model.
 * @example npe(maxStable, { transform: logData })
 */
export const logData: DataTransform = {
  kind: "logarithm",
  apply: ({ x, ...others }) => {
    if (x === undefined) {
      throw new InvalidArgumentError(
        `logData takes the logarithm of "x", the data of "max-stable", but is given ${Object.keys(others).join(", ")}`,
      );
    }
    return { x: log(x), ...others };
  },
  describe: () => ({ kind: "logarithm", of: ["x"] }),
};
