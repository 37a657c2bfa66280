/**
 * The network's side: seven coordinates of variances, and the numbers that it is told of a problem.
 */
import { defineModel, independent, normal, UnsupportedError } from "amortis";
import { MOST } from "./coordinates.js";
import { FEATURES } from "./features.js";

/**
 * What the network learns, as a model. Its parameters are coordinates that depend on the data, so that it is drawn together with them: `simulateMixed` does that, and `train` is given what it draws.
 */
export const varianceCoordinates = defineModel({
  name: "mixed-variances",
  parameters: {
    sigma: normal(0, 1),
    sd: independent(Array.from({ length: MOST }, () => normal(0, 1))),
    partial: independent(Array.from({ length: (MOST * (MOST - 1)) / 2 }, () => normal(0, 1))),
  },
  data: { features: [FEATURES] },
  simulate: () => {
    throw new UnsupportedError(
      "coordinates of variances follow from the data, not the other way round: draw both with simulateMixed",
    );
  },
});
