/**
 * What a corruption is: what may happen to data between the model and those who have them.
 *
 * A posterior that is learned from corrupted simulations is that given corrupted data, p(θ | c(Z)), whatever c hides or adds: outliers that c knows of do not move it, where the posterior of
 * the bare model follows them anywhere.
 *
 * Reference: Ward, Cannon, Beaumont, Fasiolo & Schmon (2022), "Robust neural posterior estimation and statistical model criticism", arXiv 2210.06564, of which this is the amortized form: the
 * error model is a part of the simulator, so that its latent errors are integrated out in training.
 */
import type { Column } from "../data/data-sets.js";
import type { Stream } from "../random/index.js";

/** One data set: flat arrays by name, as simulated. */
export type DataSet = Readonly<Record<string, Column>>;

/** What is known of the simulations before they are corrupted. */
export interface TypicalData {
  /** Standard deviation of each number over the simulations, in arrays like those of a data set. */
  readonly sd: DataSet;
}

/**
 * One data set to the same with whatever may have happened to it. It is given copies, which it may change and return.
 *
 * @example ({ z }, random) => ({ z: z.map((x) => (random.uniform() < 0.02 ? 0 : x)) })   // dead pixels
 */
export interface Corruption {
  (
    data: DataSet,
    random: Stream,
    typical: TypicalData,
  ): Readonly<Record<string, ArrayLike<number>>>;
  /** What it is, in files; by default that it is a function of the user's. */
  readonly description?: string;
}
