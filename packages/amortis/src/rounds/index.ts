export { informationGain, type InformationGain } from "./information-gain.js";
export { likelihoodRounds } from "./likelihood-rounds.js";
export type { RoundReport, Rounds, RoundsOptions } from "./rounds.js";
export { truncatedRounds } from "./truncated-rounds.js";
export { validRegion, type ValidRegion, type ValidRegionOptions } from "./valid-region.js";
