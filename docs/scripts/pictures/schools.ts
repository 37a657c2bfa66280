/**
 * Schools, each with an effect of its own, of which an estimate and its standard error are known (Rubin 1981).
 */
import { defineModel, dependent, discreteUniform, halfNormal, normal } from "amortis";

export const schools = defineModel({
  name: "schools",
  parameters: { mu: normal(0, 10), tau: halfNormal(10) },
  groups: {
    school: {
      count: discreteUniform(4, 12),
      parameters: {
        theta: dependent(["mu", "tau"], normal(0, 1), ({ mu, tau }) => ({
          shift: mu,
          scale: tau,
        })),
      },
    },
  },
  data: { y: [], sigma: [] },
  simulate: ({ theta }, random) => {
    const sigma = 8 + 11 * random.uniform();
    return { y: theta + sigma * random.normal(), sigma };
  },
});
