/**
 * Networks that answer given what they make of the data.
 */
import type { HostTensor } from "@amortis/graph";
import type { Contents } from "../estimators/contents.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";

/** Networks that answer given a context [n, k], with any weights; estimators of posteriors are such. */
export interface ContextNetworks {
  readonly contents: Contents;
  sourceOf(context: HostTensor): Promise<PosteriorSource>;
  withWeights(weights: Float32Array): ContextNetworks;
  release(): Promise<void>;
}
