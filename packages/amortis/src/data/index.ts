export {
  describeSpec,
  grid,
  missing,
  series,
  set,
  vector,
  type ArrayKind,
  type ArraySpec,
  type ArraySpecInput,
  type ArraySpecs,
  type DataSpec,
} from "./array-spec.js";
export { isArrayData, type ArrayData, type FileArrays, type Note } from "./array-data.js";
export {
  type ColumnTransform,
  type ColumnTransformInput,
  type ColumnTransforms,
} from "./column-transform.js";
export { describeColumnTransform, type Scaling } from "./transformed-column.js";
export { specsOf } from "./array-spec.js";
export { DataSets, type Column, type Columns } from "./data-sets.js";
export {
  flatNames,
  flatten,
  named,
  parameterSlots,
  unflatten,
  type Floats,
  type ParameterSlot,
} from "./layout.js";
export { joinColumns } from "./named-columns.js";
export { position, sizeOf } from "./shape.js";
export { DataError, type Nested } from "./simulator-output.js";
export type { Moments, Tails } from "./moments.js";
export type { ArrayInput } from "./array-data.js";
export { matchData, type DataInput, type MatchedData } from "./match-data.js";
export type { Standardization } from "./standardization.js";
export { innermostStandardization, nestedSpecs } from "./nested-specs.js";
