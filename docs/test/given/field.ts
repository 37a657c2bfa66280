/** A Gaussian field, a summary of it, and data with a gap that is filled by the mean. */
import { gaussianField as field } from "@amortis/gaussian-field";
import { expertSummary, stream } from "amortis";
import { mean, square } from "amortis/extend";

export { field };

export const roughness = expertSummary(field, "roughness", 1, ({ z }) =>
  mean(mean(square(z), { axes: [2] }), { axes: [1], keepDims: true }),
);

const drawn = await field.simulate({ range: 0.2 }, stream(1));

export const z = Array.from(field.packData(drawn).z);

/** Stands for a draw of what is missing. */
export function conditionalDraw(
  there: readonly number[],
  range: number,
  random: { normal(): number },
): number[] {
  return there.map((value, i) => (i < 8 ? range * random.normal() : value));
}
