/**
 * All losses that configurations know by their kind, beside those that methods have by name: a line here is all that another one takes.
 */
export { brierLoss } from "./brier.js";
export { contrastiveLoss } from "./contrastive.js";
export { expectileLoss } from "./expectile.js";
export { multiclassLoss, type MulticlassLossOptions } from "./multiclass.js";
export { balancedLoss } from "./ratio-loss.js";
