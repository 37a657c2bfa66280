/** The model that the playground begins with. */
export const EXAMPLE = `import { defineModel, normal, uniform } from "amortis";

// An oscillation with unknown frequency and damping, seen in noise.
export const spring = defineModel({
  name: "spring",
  parameters: { frequency: uniform(0.5, 3), damping: uniform(0, 1) },
  data: { y: [40] },
  simulate: ({ frequency, damping }, random) => ({
    y: Array.from({ length: 40 }, (_, i) => {
      const t = i / 8;
      return Math.exp(-damping * t) * Math.cos(2 * Math.PI * frequency * t) + 0.2 * random.normal();
    }),
  }),
});
`;
