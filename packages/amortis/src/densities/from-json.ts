/**
 * The library's own densities, from what they say of themselves in files.
 */
import { networkRooms } from "../networks/from-json.js";
import { partsOf, readPart } from "../settings/parts.js";
import type { ConditionalDensity } from "./density.js";
import * as kinds from "./kinds.js";

/** The kinds of density, and of what they are made of. */
export const densityRooms = {
  ...networkRooms,
  density: partsOf<ConditionalDensity>("density", kinds),
};

/**
 * A density from its description.
 *
 * @throws InvalidArgumentError where it is not one of the library's.
 * @example densityFromJSON(estimator.details.description.density)
 */
export function densityFromJSON(description: unknown): ConditionalDensity {
  return readPart(densityRooms, densityRooms.density, description);
}
