/** Two models of eight counts. */
import { beta, defineModel, gamma } from "amortis";

export const poisson = defineModel({
  name: "poisson",
  parameters: { rate: gamma(2, 1) },
  data: { y: [8] },
  simulate: ({ rate }, random) => ({ y: Array.from({ length: 8 }, () => random.poisson(rate)) }),
});

export const geometric = defineModel({
  name: "geometric",
  parameters: { share: beta(2, 2) },
  data: { y: [8] },
  simulate: ({ share }, random) => ({
    y: Array.from({ length: 8 }, () =>
      Math.floor(Math.log(random.uniform()) / Math.log(1 - share)),
    ),
  }),
});

export const y = [1, 0, 3, 2, 1, 1, 0, 2];
