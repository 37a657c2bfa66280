export { readBytes, writeBytes } from "./bytes.js";
export { FileError } from "./container.js";
export { parseCsv } from "./csv.js";
export { parseData, readData, writeNpy, type ReadOptions } from "./data-file.js";
export { UnsavedError } from "./keep.js";
export { encodeNpy, parseNpy } from "./npy.js";
export { encodeNpz, parseNpz } from "./npz.js";
export {
  inferenceData,
  writeInferenceData,
  type InferenceDataParts,
} from "../estimators/inference-data.js";
export { columnsOf, encodeCsv } from "./frames.js";
export { encodeZarr, type ZarrArray, type ZarrGroup, type ZarrValues } from "./zarr-tree.js";
export { encodeParquet, parseParquet } from "./parquet.js";
export { parseJsonText, RepeatedNameError } from "../json.js";
export { parseJson } from "./json-arrays.js";
export { tensorBoardLog } from "./tensorboard.js";
