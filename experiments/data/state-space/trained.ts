/**
 * Training of the experiments, with what it took.
 */
import { train, type AnyModel, type Method, type StatesEstimator } from "amortis/extend";

/** What an experiment is told. */
export interface Asked {
  readonly only: string;
  readonly simulations: number;
  readonly epochs: number;
  readonly sets: number;
  readonly seed: number;
  readonly picture: string | undefined;
  /** Of the linear model: whether its states are said to be Markov. */
  readonly markov: boolean;
}

/** Trains, with what it took. */
export async function trained<M extends AnyModel>(
  method: Method<M, "states">,
  { simulations, epochs, seed }: Asked,
): Promise<StatesEstimator<M["parameters"]>> {
  const before = process.cpuUsage();
  const estimator = await train(method, { simulations, epochs, seed, threads: 1, progress: false });
  const { user } = process.cpuUsage(before);
  const { bestEpoch, history } = estimator.details.training;
  console.log(
    `${simulations} simulations, ${(user / 1e6).toFixed(0)} s of processor time to train, best of ${history.length} epochs ${bestEpoch}`,
  );
  return estimator;
}
