/**
 * The Gaussian process as the review's fKL sees it: the range leaves its interval by u = Φ⁻¹(θ / 0.6), in which its prior is standard normal.
 */
import { defineModel, uniform } from "amortis";
import { gaussianField, MAX_RANGE } from "@amortis/gaussian-field";

/** `gaussianField` with another way to unconstrained space; simulations of the one are simulations of the other. */
export const probitField = defineModel({
  name: gaussianField.name,
  parameters: { range: uniform(0, MAX_RANGE, { link: "probit" }) },
  data: gaussianField.data,
  simulate: (values, random) => gaussianField.simulate(values, random),
});
