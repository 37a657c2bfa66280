/** The line with its likelihood, and an estimator that knows it. */
import { loadPosterior } from "amortis";
import { estimator, line, y } from "./estimator.js";

export { line as exactLine, y };

export const exactEstimator = await loadPosterior(await estimator.toBytes(), { model: line });
