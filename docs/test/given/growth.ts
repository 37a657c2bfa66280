/** Growth to a capacity, solved and by coarse steps: two simulators of the same parameters and data. */
import { defineModel, logNormal, uniform } from "amortis";

const TIMES = [1, 2, 3, 4, 5, 6, 7, 8];

function growth(name: string, path: (r: number, k: number) => readonly number[]) {
  return defineModel({
    name,
    parameters: { r: uniform(0.3, 1.5), k: logNormal(0, 0.3) },
    data: { y: [TIMES.length] },
    simulate: ({ r, k }, random) => ({ y: path(r, k).map((u) => u + 0.05 * random.normal()) }),
  });
}

export const fine = growth("growth", (r, k) =>
  TIMES.map((t) => k / (1 + (k / 0.1 - 1) * Math.exp(-r * t))),
);

export const coarse = growth("coarse-growth", (r, k) => {
  let u = 0.1;
  return TIMES.map(() => (u += r * u * (1 - u / k)));
});
