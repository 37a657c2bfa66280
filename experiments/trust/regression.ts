/**
 * Linear regression with a normal prior, whose posterior is normal.
 *
 *     β ~ N(0, I),   y ~ N(Xβ, I):   β | y ~ N(P⁻¹Xᵀy, P⁻¹),   P = I + XᵀX = L Lᵀ,   Lᵀ(β - m) ~ N(0, I)
 */
import {
  defineModel,
  multivariateNormal,
  normal,
  simulate,
  type AnyModel,
  type Stream,
} from "amortis";
import { choleskyFactor, solveLower } from "../../packages/amortis/src/math/index.js";
import type { Case, World } from "./cases.js";
import type { Exact } from "./score.js";

type Rows = readonly (readonly number[])[];

/** Noise of worlds, beside that of the model. */
const NOISES: Readonly<Record<string, (random: Stream) => number>> = {
  "of the model": (random) => random.normal(),
  "noise of 3 sd": (random) => 3 * random.normal(),
  "a tenth are outliers": (random) =>
    random.uniform() < 0.1 ? 8 + random.normal() : random.normal(),
};

/** The model with a design [n, p]. */
export function regression(name: string, design: Rows): Case {
  const p = design[0]?.length ?? 0;
  const mean = (row: readonly number[], beta: ArrayLike<number>): number =>
    row.reduce((sum, x, j) => sum + x * (beta[j] ?? 0), 0);
  const identity = Array.from({ length: p }, (_, i) =>
    Array.from({ length: p }, (_v, j) => (i === j ? 1 : 0)),
  );
  const world = (noise: (random: Stream) => number) =>
    defineModel({
      name: "regression",
      parameters: { beta: multivariateNormal(Array<number>(p).fill(0), identity) },
      data: { y: [design.length] },
      simulate: ({ beta }, random) => ({
        y: design.map((row) => mean(row, numbersOf(beta)) + noise(random)),
      }),
      logLikelihood: ({ beta }, { y }) =>
        design.reduce(
          (sum, row, i) => sum - 0.5 * ((y[i] ?? 0) - mean(row, numbersOf(beta))) ** 2,
          0,
        ),
    });
  const worldOf =
    (of: AnyModel) =>
    async (sets: number): Promise<World> => {
      const { data } = await simulate(of, { simulations: sets, seed: "fresh", workers: 0 });
      const y = data["y"] ?? new Float32Array(0);
      const n = design.length;
      return {
        data: { y },
        posteriors: Array.from({ length: sets }, (_, i) =>
          posteriorOf(design, Array.from(y.subarray(i * n, (i + 1) * n))),
        ),
      };
    };
  return {
    name,
    model: world((random) => random.normal()),
    worlds: Object.fromEntries(
      Object.entries(NOISES).map(([what, noise]) => [what, worldOf(world(noise))]),
    ),
  };
}

function numbersOf(value: number | ArrayLike<number>): ArrayLike<number> {
  return typeof value === "number" ? [value] : value;
}

function posteriorOf(design: Rows, y: readonly number[]): Exact {
  const p = design[0]?.length ?? 0;
  const precision = Float64Array.from({ length: p * p }, (_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return design.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), i === j ? 1 : 0);
  });
  const factor = choleskyFactor(precision, p);
  if (factor === undefined)
    throw new TypeError("a precision with the prior's is positive definite");
  const projected = Float64Array.from({ length: p }, (_, j) =>
    design.reduce((sum, row, i) => sum + (row[j] ?? 0) * (y[i] ?? 0), 0),
  );
  // Lᵀm = L⁻¹Xᵀy.
  const centre = solveLower(factor, projected);
  const standard = normal(0, 1);
  return {
    parameters: p,
    uniforms: (beta) =>
      Array.from(centre, (c, j) => {
        let z = -c;
        for (let i = j; i < p; i++) z += (factor[i * p + j] ?? 0) * (beta[i] ?? 0);
        return standard.cdf(z);
      }),
  };
}
