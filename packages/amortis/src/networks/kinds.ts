/**
 * All networks there are: a line here is all that another one takes to be read from files and configurations.
 */
export { augmented, SYMMETRIES, type Symmetry } from "./augmented.js";
export { cnn, type CnnOptions } from "./cnn.js";
export { deepSet, type DeepSetOptions } from "./deep-set.js";
export {
  gatedResidual,
  gatedResidualSummary,
  type GatedResidualOptions,
  type GatedResidualSummaryOptions,
} from "./gated-residual.js";
export { joinedSummary, type JoinedSummaryOptions } from "./joined.js";
export { linearSummary } from "./linear-summary.js";
export { mlp, type MlpOptions } from "./mlp.js";
export { modulatedResidual, type ModulatedResidualOptions } from "./modulated-residual.js";
export { recurrent, type RecurrentOptions } from "./recurrent.js";
export { residualCnn, type ResidualCnnOptions } from "./residual-cnn.js";
export { setStatistics, type SetStatisticsOptions } from "./set-statistics.js";
export { setTransformer, type SetTransformerOptions } from "./set-transformer.js";
export { spatialGraph, type SpatialGraphOptions } from "./spatial-graph.js";
export {
  mlpSummary,
  rawSummary,
  type MlpSummaryOptions,
  type RawSummaryOptions,
} from "./summary.js";
export { timeTransformer, type TimeTransformerOptions } from "./time-transformer.js";
export { transformer, type TokenNetwork, type TransformerOptions } from "./transformer.js";
export { transformerField, type TransformerFieldOptions } from "./transformer-field.js";
export { placewise, uNet, type PlacewiseOptions, type UNetOptions } from "./u-net.js";
