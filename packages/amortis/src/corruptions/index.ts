export type { Corruption, DataSet, TypicalData } from "./corruption.js";
export { inShare } from "./in-share.js";
export { loadCorruption } from "./load-corruption.js";
export { spikeAndSlab, type SpikeAndSlabOptions } from "./spike-and-slab.js";
