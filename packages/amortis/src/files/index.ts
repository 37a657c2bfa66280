export { readBytes, writeBytes } from "./bytes.js";
export { FileError } from "./container.js";
export { parseCsv } from "./csv.js";
export { parseData, readData, writeNpy, type ReadOptions } from "./data-file.js";
export { UnsavedError } from "./keep.js";
export { encodeNpy, parseNpy } from "./npy.js";
export { parseNpz } from "./npz.js";
export { parseJson } from "./json-arrays.js";
export { tensorBoardLog } from "./tensorboard.js";
