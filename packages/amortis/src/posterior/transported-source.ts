/**
 * Posteriors carried along a learned flow, in residuals of their own middles and widths: see `corrections/learn-transport.ts`.
 *
 *     r = (u - m(Z)) / s(Z),      r' = T(r; m, log s),      log q'(θ' | Z) = log q(θ | Z) + log |dr/dr'| + log |dθ/du| - log |dθ'/du'|
 */
import type { Floats } from "../data/layout.js";
import { standardizeRows } from "../data/standardization.js";
import type { Moments } from "../data/moments.js";
import type { Bijection } from "../distributions/index.js";
import type { PosteriorSource } from "./posterior-source.js";
import { rememberedMiddles, type Middles } from "./recalibration.js";

/** A flow from residuals to residuals, [rows, draws, d] given features [rows, 2 d]. */
export interface Transport {
  forward(features: Float32Array, residuals: Float32Array, draws: number): Promise<Float32Array>;
  /** Where they come from, and log |dr/dr'|, [rows, draws]. */
  back(
    features: Float32Array,
    residuals: Float32Array,
    draws: number,
  ): Promise<{ readonly residuals: Float32Array; readonly logScale: Float32Array }>;
}

/** What a flow is told of posteriors: their middles, and logarithms of their widths, side by side, [rows, 2 d]. */
export function featuresOf({ mean, sd }: Middles, d: number): Float64Array {
  return Float64Array.from({ length: 2 * mean.length }, (_, at) => {
    const [i, k] = [Math.floor(at / (2 * d)), at % (2 * d)];
    return k < d ? (mean[i * d + k] ?? 0) : Math.log(sd[i * d + k - d] ?? 1);
  });
}

/** Residuals of parameters [rows × draws, p]. */
export function residualsOf(
  parameters: Floats,
  { mean, sd }: Middles,
  { size: p, unconstrainedSize: d, ...bijection }: Bijection,
  draws: number,
): Float32Array {
  const rows = parameters.length / p;
  const residuals = new Float32Array(rows * d);
  for (let row = 0; row < rows; row++) {
    const own = Float64Array.from(parameters.subarray(row * p, (row + 1) * p));
    const place = Math.floor(row / draws) * d;
    for (const [k, u] of bijection.inverse(own).entries()) {
      residuals[row * d + k] = (u - (mean[place + k] ?? 0)) / (sd[place + k] ?? 1);
    }
  }
  return residuals;
}

/** Parameters of residuals, and log |dθ/du| at each. */
export function parametersAt(
  residuals: Float32Array,
  { mean, sd }: Middles,
  { size: p, unconstrainedSize: d, ...bijection }: Bijection,
  draws: number,
): { readonly parameters: Float64Array; readonly logJacobian: Float64Array } {
  const rows = residuals.length / d;
  const parameters = new Float64Array(rows * p);
  const logJacobian = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = Math.floor(row / draws) * d;
    const u = Float64Array.from(
      { length: d },
      (_, k) => (mean[place + k] ?? 0) + (sd[place + k] ?? 1) * (residuals[row * d + k] ?? 0),
    );
    parameters.set(bijection.forward(u), row * p);
    logJacobian[row] = bijection.logJacobian(u);
  }
  return { parameters, logJacobian };
}

/** Posteriors carried along a flow. */
export function transportedSource(
  source: PosteriorSource,
  transport: Transport,
  moments: Moments,
  bijection: Bijection,
): PosteriorSource {
  const { size: p, unconstrainedSize: d } = bijection;
  const middlesFor = rememberedMiddles(source, bijection);
  const toldOf = (middles: Middles) => standardizeRows(featuresOf(middles, d), moments);
  return {
    ...source,
    draw: async (draws, seed, start, end, report) => {
      const drawn = await source.draw(draws, seed, start, end, report);
      const middles = await middlesFor(start, end);
      const from = residualsOf(drawn.draws, middles, bijection, draws);
      const moved = await transport.forward(toldOf(middles), from, draws);
      return { ...drawn, draws: parametersAt(moved, middles, bijection, draws).parameters };
    },
    logDensity: async (parameters: Floats, start, end) => {
      const each = parameters.length / p / (end - start);
      const middles = await middlesFor(start, end);
      const given = residualsOf(parameters, middles, bijection, each);
      const within = Array.from({ length: parameters.length / p }, (_, row) =>
        given.subarray(row * d, (row + 1) * d).every(Number.isFinite),
      );
      const finite = given.map((r) => (Number.isFinite(r) ? r : 0));
      const { residuals, logScale } = await transport.back(toldOf(middles), finite, each);
      const from = parametersAt(residuals, middles, bijection, each);
      const { logJacobian } = parametersAt(finite, middles, bijection, each);
      const values = await source.logDensity(from.parameters, start, end);
      return values.map((value, row) =>
        within[row] === true
          ? value + (logScale[row] ?? 0) + (from.logJacobian[row] ?? 0) - (logJacobian[row] ?? 0)
          : -Infinity,
      );
    },
  };
}
