/**
 * What a vector field is: the backbone of densities that are learned by regression, such as flow matching and diffusion.
 *
 *     F(u, τ, context),      u in R^d, τ one or more numbers that say at which time, F in R^d.
 */
import type { Scope, Tensor } from "@amortis/graph";
import type { Json } from "../json.js";
import { slot } from "../settings/settings.js";

/** A field over R^d that depends on times and on a context. A plain description; weights live in the scope it is applied in. */
export interface VectorField {
  readonly kind: string;
  /**
   * The field at u [...L, d], times [...N, τ] and a context [...M, k], whose leading axes broadcast: [...L, d] where those of u are the largest.
   *
   * u has unit scale, and times lie between 0 and 1. With u [batch, draws, d], times [1, 1, τ] and a context [batch, 1, k], as where draws are made, what depends on the
   * context alone should be computed from it alone: over all steps of a solver it is computed once, since equal nodes are one. What fields begin as is near zero. They
   * are differentiated in u and in the times, and those derivatives in the weights.
   */
  apply(scope: Scope, u: Tensor, times: Tensor, context: Tensor): Tensor;
  /** What it is, for people and files. */
  describe(): Json;
}

/** A setting that is a vector field. */
export const vectorFieldSlot = slot<VectorField>(
  "vectorField",
  "a vector field, such as modulatedResidual()",
);
