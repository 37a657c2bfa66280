export * from "./contents.js";
export * from "./fitted.js";
export * from "./runtime.js";
