export { isArrayData, type ArrayData, type FileArrays, type Note } from "./array.js";
export { readBytes, writeBytes } from "./bytes.js";
export { FileError } from "./container.js";
export { parseCsv } from "./csv.js";
export { parseData, readData, writeNpy, type ReadOptions } from "./data-file.js";
export { matchData, type ArrayInput, type DataInput, type MatchedData } from "./match-data.js";
export { joinColumns } from "./named-columns.js";
export { encodeNpy, parseNpy, parseNpz } from "./npy.js";
export { parseJson } from "./json-arrays.js";
