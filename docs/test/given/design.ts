/** A measurement whose design is part of its data. */
import { defineModel, normal } from "amortis";

const theta = normal(0, 1);

export const anyDesign = defineModel({
  name: "any design",
  parameters: { theta },
  data: { design: [], y: [] },
  simulate: (values, random) => {
    const design = 4 * random.uniform();
    return { design, y: design * values.theta + random.normal() };
  },
});

/** The same at one design. */
export const withDesign = (design: number) =>
  defineModel({
    name: "any design",
    parameters: { theta },
    data: { design: [], y: [] },
    simulate: (values, random) => ({ design, y: design * values.theta + random.normal() }),
  });

export const designs = [1, 2];
