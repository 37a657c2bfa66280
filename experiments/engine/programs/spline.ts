/** Conditional spline coupling flow: 5 layers, 10 bins, D = 4, conditioner hidden 50x2, context 10, batch 256. */
import { splineCoupling } from "amortis";
import { flowProgram } from "./flow.js";

export const splineProgram = flowProgram(
  "spline",
  splineCoupling({ layers: 5, bins: 10, hidden: [50, 50] }),
);
