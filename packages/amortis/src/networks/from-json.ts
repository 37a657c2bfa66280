/**
 * The library's own networks, from what they say of themselves in files.
 */
import { readPart, partsOf } from "../settings/parts.js";
import * as kinds from "./kinds.js";
import type { Network, SummaryNetwork } from "./network.js";
import type { VectorField } from "./vector-field.js";
import type { TokenNetwork } from "./transformer.js";

/** The kinds of network. */
export const networkRooms = {
  network: partsOf<Network>("network", kinds),
  summary: partsOf<SummaryNetwork>("summary", kinds),
  vectorField: partsOf<VectorField>("vectorField", kinds),
  tokens: partsOf<TokenNetwork>("tokens", kinds),
};

/**
 * A network from its description.
 *
 * @throws InvalidArgumentError where it is not one of the library's.
 */
export function networkFromJSON(description: unknown): Network {
  return readPart(networkRooms, networkRooms.network, description);
}

/**
 * A summary network from its description.
 *
 * @throws InvalidArgumentError where it is not one of the library's.
 */
export function summaryNetworkFromJSON(description: unknown): SummaryNetwork {
  return readPart(networkRooms, networkRooms.summary, description);
}
