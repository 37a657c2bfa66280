export { RandomState } from "./random-state.js";
export { stream, Stream } from "./stream.js";
export { threefry } from "./threefry.js";
