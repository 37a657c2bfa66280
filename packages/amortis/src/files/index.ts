export { isArrayData, type ArrayData } from "./array.js";
export { readBytes, writeBytes } from "./bytes.js";
export { FileError } from "./container.js";
export { parseData, readData, writeNpy } from "./data-file.js";
export { matchData, type ArrayInput, type DataInput, type MatchedData } from "./match-data.js";
export { encodeNpy, parseNpy, parseNpz } from "./npy.js";
export { parseCsv, parseJson, type FileArrays } from "./text.js";
