/**
 * Ozone over Chicago in the summer of 1987: a field at forty places, with gaps that are never the same.
 *
 *     z_i = μ + σ W(s_i) + τ ε_i,      cov(W(s), W(t)) = exp(-‖s - t‖ / range),      in parts per billion and kilometres,
 *
 * of which on each day some stations say nothing. One estimator answers all days; the likelihood of what is there is exact.
 *
 * Averages from 9 to 16 hours, 3 June to 30 August 1987, at the forty stations nearest to Chicago of the data set ozone2 of the R package fields (D. Nychka, R. Furrer, J. Paige and S. Sain,
 * GPL-2+), which has them from the AIRS network of the U.S. Environmental Protection Agency. Numbers are facts; `data/ozone-1987.csv` has them, a line a day.
 */
import { defineModel, missing, normal, uniform } from "amortis";
import {
  choleskyInPlace,
  logDeterminant,
  multiplyLower,
  squaredNormOfSolution,
} from "./cholesky.js";

/** Longitude and latitude of each station, the nearest to Chicago first. */
export const OZONE_STATIONS: readonly (readonly [longitude: number, latitude: number])[] = [
  [-87.753, 41.855],
  [-87.671, 41.978],
  [-87.546, 41.757],
  [-87.792, 41.984],
  [-87.726, 41.739],
  [-87.568, 41.708],
  [-87.676, 42.062],
  [-87.898, 42.039],
  [-87.494, 41.639],
  [-87.558, 41.616],
  [-88.073, 41.813],
  [-87.99, 41.668],
  [-87.865, 42.177],
  [-87.335, 41.6],
  [-88.049, 41.592],
  [-87.199, 41.617],
  [-87.982, 42.29],
  [-87.087, 41.631],
  [-88.273, 42.05],
  [-87.847, 42.391],
  [-88.241, 42.221],
  [-87.826, 42.559],
  [-87.799, 42.714],
  [-88.499, 42.58],
  [-87.878, 42.896],
  [-86.236, 41.692],
  [-87.965, 42.982],
  [-89.037, 42.335],
  [-89.077, 42.288],
  [-86.111, 41.753],
  [-88.232, 43.004],
  [-87.883, 43.074],
  [-89.062, 42.508],
  [-88.006, 43.093],
  [-87.901, 43.181],
  [-88.956, 42.774],
  [-88.812, 43.001],
  [-87.941, 43.321],
  [-88.284, 43.333],
  [-86.838, 40.402],
];

const N = OZONE_STATIONS.length;
const CHICAGO = [-87.65, 41.88] as const;
const KILOMETRES = 111.2;

/** Distances in kilometres, [40, 40]: a plane that touches the earth at Chicago. */
const DISTANCES = distancesOf(
  OZONE_STATIONS.map(([longitude, latitude]) => [
    (longitude - CHICAGO[0]) * Math.cos((CHICAGO[1] * Math.PI) / 180) * KILOMETRES,
    (latitude - CHICAGO[1]) * KILOMETRES,
  ]),
);

function distancesOf(places: readonly (readonly [number, number])[]): Float64Array {
  return Float64Array.from(
    places.flatMap(([x, y]) => places.map(([u, v]) => Math.hypot(x - u, y - v))),
  );
}

/** Largest share of the stations that is missing on a day of a simulation. */
const MOST_MISSING = 0.25;

/** log p(z | θ) of the stations that are there; z [40], NaN where a station says nothing. */
export function ozoneLogLikelihood(
  { mean, sd, range, nugget }: Readonly<Record<"mean" | "sd" | "range" | "nugget", number>>,
  z: ArrayLike<number>,
): number {
  const there = Array.from({ length: N }, (_, i) => !Number.isNaN(z[i] ?? Number.NaN));
  const covariance = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    // What is missing is independent of the others, with variance one and no residual: it adds nothing.
    covariance[i * N + i] = there[i] === true ? sd ** 2 + nugget ** 2 : 1;
    for (let j = 0; j < i; j++) {
      if (there[i] !== true || there[j] !== true) continue;
      covariance[i * N + j] = sd ** 2 * Math.exp(-(DISTANCES[i * N + j] ?? 0) / range);
    }
  }
  choleskyInPlace(covariance, N);
  const left = Float64Array.from({ length: N }, (_, i) =>
    there[i] === true ? (z[i] ?? 0) - mean : 0,
  );
  const norm = squaredNormOfSolution(covariance, N, left, 0, new Float64Array(N));
  const count = there.filter(Boolean).length;
  return -logDeterminant(covariance, N) - (norm + count * Math.log(2 * Math.PI)) / 2;
}

/** The field of a day: its mean, standard deviation and range, and what each station adds of its own. */
export const ozone = defineModel({
  name: "ozone",
  parameters: {
    mean: normal(50, 25),
    sd: uniform(1, 40),
    range: uniform(5, 500),
    nugget: uniform(0.2, 15),
  },
  data: { z: missing([N]) },
  units: { mean: "ppb", sd: "ppb", range: "km", nugget: "ppb", z: "ppb" },
  precompute: ({ range }) => {
    const factor = DISTANCES.map((distance) => Math.exp(-distance / range));
    choleskyInPlace(factor, N);
    return factor;
  },
  simulate: ({ mean, sd, nugget }, random, _sizes, factor) => {
    const noise = Float64Array.from({ length: N }, () => random.normal());
    const field = new Float64Array(N);
    multiplyLower(factor, N, noise, field, 0);
    const share = MOST_MISSING * random.uniform() ** 2;
    return {
      z: field.map((value) =>
        random.uniform() < share ? Number.NaN : mean + sd * value + nugget * random.normal(),
      ),
    };
  },
  logLikelihood: (values, { z }) => ozoneLogLikelihood(values, z),
  module: import.meta.url,
});
