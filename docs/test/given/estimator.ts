/** An estimator of the line, and a posterior. */
import { npe, train } from "amortis";
import { line, y } from "./line.js";

export { batch, line, y } from "./line.js";

export const estimator = await train(npe(line, { members: 1, emulations: 0 }), {
  simulations: 500,
  epochs: 2,
  workers: 0,
  progress: false,
});
export const posterior = await estimator.given({ y });
