/**
 * Posteriors with the correction that their file has: two numbers a parameter, and perhaps a flow that follows.
 */
import { hostTensor } from "@amortis/graph";
import type { Moments } from "../data/moments.js";
import type { Bijection } from "../distributions/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { recalibratedSource, type Recalibration } from "../posterior/recalibration.js";
import { transportedSource, type Transport } from "../posterior/transported-source.js";
import type { RunProgram } from "./opened-programs.js";
import { floatsOf } from "./results.js";

/** A correction as a file says it. */
export interface RecordedCorrection extends Recalibration {
  readonly transport?: { readonly features: Moments } | undefined;
}

/** Posteriors as they were learned, corrected. */
export function correctedSource(
  source: PosteriorSource,
  correction: RecordedCorrection,
  bijection: Bijection,
  run: RunProgram,
): PosteriorSource {
  const better = recalibratedSource(source, correction, bijection);
  const { transport } = correction;
  if (transport === undefined) return better;
  const flow = transportBy(run, bijection.unconstrainedSize);
  return transportedSource(better, flow, transport.features, bijection);
}

/** The flow of a file, by its programs. @param d coordinates of unconstrained space. */
function transportBy(run: RunProgram, d: number): Transport {
  const ask = (name: string, features: Float32Array, all: Float32Array, draws: number) => {
    const rows = features.length / (2 * d);
    return run(name, {
      features: hostTensor(features, [rows, 2 * d]),
      residuals: hostTensor(all, [rows, draws, d]),
    });
  };
  return {
    forward: async (features, all, draws) =>
      floatsOf(await ask("transport", features, all, draws), "moved"),
    back: async (features, all, draws) => {
      const results = await ask("transportBack", features, all, draws);
      return { residuals: floatsOf(results, "from"), logScale: floatsOf(results, "logScale") };
    },
  };
}
