export * from "./marginals.js";
export { modelPosterior, type ModelPosteriorOptions } from "./model-posterior.js";
export * from "./posterior.js";
