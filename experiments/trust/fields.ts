/**
 * The Gaussian field, whose posterior is known by quadrature; and fields with noise that the model has not.
 *
 * A field's likelihood is read from the quadrature's values, which are of the same numbers: factors of the covariance serve all fields there, and are made anew for each elsewhere.
 */
import { defineModel, simulate, uniform } from "amortis";
import {
  exactPosteriors,
  exponentialField,
  gaussianField,
  MAX_RANGE,
  SIDE,
  type ExactPosterior,
} from "@amortis/gaussian-field";
import type { Case, World } from "./cases.js";

/** Cells of the quadrature. */
const POINTS = 600;

/** The field, and what it is asked about. */
export function fields(): Case {
  /** By the first value of each field. */
  const known = new Map<number, ExactPosterior>();
  const worldOf = (noise: number) =>
    defineModel({
      name: "field",
      parameters: { range: uniform(0, MAX_RANGE) },
      data: { z: [SIDE, SIDE] },
      simulate: ({ range }, random) => ({
        z: exponentialField(range, random).map((value) => value + noise * random.normal()),
      }),
      logLikelihood: ({ range }, { z }) => {
        const posterior = known.get(z[0] ?? Number.NaN);
        if (posterior === undefined) return gaussianField.logLikelihood?.({ range }, { z }) ?? 0;
        return posterior.logDensity(range) + posterior.logEvidence;
      },
    });
  const freshFrom =
    (noise: number) =>
    async (sets: number): Promise<World> => {
      const made = await simulate(worldOf(noise), {
        simulations: sets,
        seed: "fresh",
        workers: 0,
      });
      const { z } = made.data;
      const posteriors = exactPosteriors(z, { points: POINTS });
      for (const [i, posterior] of posteriors.entries()) {
        known.set(z[i * SIDE * SIDE] ?? Number.NaN, posterior);
      }
      return {
        data: { z },
        posteriors: posteriors.map((posterior) => ({
          parameters: 1,
          uniforms: (theta) => [posterior.cdf(theta[0] ?? Number.NaN)],
        })),
      };
    };
  return {
    name: "Gaussian field",
    model: worldOf(0),
    worlds: { "of the model": freshFrom(0), "white noise of 0.3 sd": freshFrom(0.3) },
  };
}
