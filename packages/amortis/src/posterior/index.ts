export * from "./layout.js";
export * from "./marginals.js";
export * from "./posterior.js";
