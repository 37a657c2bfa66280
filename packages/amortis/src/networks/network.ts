/**
 * What a network is: a plain description, applied in a scope that holds its weights.
 */
import type { Scope, Tensor } from "@amortis/graph";
import type { Json } from "../json.js";
import { slot } from "../settings/settings.js";

/** From vectors to vectors. */
export interface Network {
  readonly kind: string;
  /** x [..., in] to [..., outputs]. */
  apply(scope: Scope, x: Tensor, outputs: number): Tensor;
  /** What it is, for people and files. */
  describe(): Json;
}

/** From data, by name, to a vector that says of them what there is to say of the parameters. */
export interface SummaryNetwork {
  readonly kind: string;
  /** Data [batch, ...shape] each to [batch, k]. */
  apply(scope: Scope, data: Readonly<Record<string, Tensor>>): Tensor;
  /** What it is, for people and files. */
  describe(): Json;
}

/** A setting that is a network. */
export const networkSlot = slot<Network>("network", "a network, such as mlp()");

/** A setting that is a summary network. */
export const summarySlot = slot<SummaryNetwork>("summary", "a summary network, such as cnn()");
