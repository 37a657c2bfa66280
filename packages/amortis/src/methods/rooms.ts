/**
 * The library's own methods, by the names that configurations have for them.
 */
import { densityRooms } from "../densities/from-json.js";
import type { AnyModel } from "../model/index.js";
import { partsOf } from "../settings/parts.js";
import type { Settings } from "../settings/settings.js";
import type { EstimateLoss } from "../losses/estimate-loss.js";
import type { RatioLoss } from "../losses/ratio-loss.js";
import * as losses from "../losses/kinds.js";
import * as kinds from "./kinds.js";
import type { Method } from "./method.js";

/** The kinds of part that methods are made of. */
export const methodRooms = {
  ...densityRooms,
  estimateLoss: partsOf<EstimateLoss>("estimateLoss", losses),
  ratioLoss: partsOf<RatioLoss>("ratioLoss", losses),
};

/** A kind of method. */
export interface MethodKind {
  (model: AnyModel, options: never): Method;
  readonly settings: Settings;
}

/** What is trained unless told. */
export const USUAL_METHOD = "npe";

/** All methods, the usual one first. */
export const methodKinds: readonly MethodKind[] = (
  partsOf<Method>("method", kinds) as readonly unknown[] as readonly MethodKind[]
).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));

function rank({ settings: { alias } }: MethodKind): string {
  return alias === USUAL_METHOD ? "" : alias;
}
