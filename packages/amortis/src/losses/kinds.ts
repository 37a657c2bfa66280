/**
 * All losses of estimates that configurations know by their kind, beside the three that `nbe` has by name: a line here is all that another one
 * takes.
 */
export { expectileLoss } from "./expectile.js";
