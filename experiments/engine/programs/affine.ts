/** Conditional affine coupling flow: 6 layers, D = 4, conditioner hidden 128x2, context 10, batch 256. */
import { affineCoupling } from "amortis";
import { flowProgram } from "./flow.js";

export const affineProgram = flowProgram(
  "affine",
  affineCoupling({ layers: 6, hidden: [128, 128] }),
);
