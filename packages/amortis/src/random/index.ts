export { stream, Stream } from "./stream.js";
export { threefry } from "./threefry.js";
