/** A survey whose columns are of several kinds, and what one site answered. */
import { defineModel, normal, stream } from "amortis";

export const survey = defineModel({
  name: "survey",
  parameters: { effect: normal(0, 1), bias: normal(0, 1) },
  data: { income: [4], share: [2], age: [4], site: [1], height: [4], id: [1] },
  simulate: ({ effect, bias }, random) => {
    const four = (draw: () => number): number[] => Array.from({ length: 4 }, draw);
    return {
      income: four(() => Math.exp(10 + effect + random.normal())),
      share: [effect, bias].map((value) => 1 / (1 + Math.exp(-value - random.normal()))),
      age: four(() => 10 + 100 * random.uniform()),
      site: [Math.floor(5 * random.uniform())],
      height: four(() => 170 + 10 * random.normal()),
      id: [random.uniform()],
    };
  },
});

export const data = survey.packData(await survey.simulate({ effect: 0.5, bias: 0 }, stream(1)));
