export { informationGain, type InformationGain } from "./information-gain.js";
export {
  likelihoodRounds,
  truncatedRounds,
  type RoundReport,
  type Rounds,
  type RoundsOptions,
} from "./rounds.js";
export { validRegion, type ValidRegion, type ValidRegionOptions } from "./valid-region.js";
