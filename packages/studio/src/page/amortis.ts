/**
 * The library as one ES module, for pages without a bundler:
 *
 *     import { loadPosterior } from "./amortis.js";
 */
export * from "amortis";
