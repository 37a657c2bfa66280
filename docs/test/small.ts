/**
 * `amortis` as code blocks have it when tests run them: all of it, with little training. What is claimed of answers is tested elsewhere; here it is whether code runs.
 */
import * as amortis from "amortis";

export * from "amortis";

/** Simulations and epochs of everything. */
const FEW = 150;
const SHORT = { epochs: 1, patience: 1, workers: 0, progress: false, calibrate: false } as const;

const few = (asked: number | undefined): number => Math.min(asked ?? FEW, FEW);

/** One network. */
export const npe: typeof amortis.npe = Object.assign(
  (...[model, options]: Parameters<typeof amortis.npe>) =>
    amortis.npe(model, { members: 1, emulations: 0, ...options }),
  { settings: amortis.npe.settings },
) as typeof amortis.npe;

export const train: typeof amortis.train = (method, options = {}) =>
  amortis.train(method, {
    ...options,
    ...SHORT,
    ...(options.data === undefined ? { simulations: few(options.simulations) } : {}),
  });

export const simulate: typeof amortis.simulate = (model, options) =>
  amortis.simulate(model, { ...options, simulations: few(options.simulations), workers: 0 });

export const smcAbc: typeof amortis.smcAbc = (model, data, options) =>
  amortis.smcAbc(model, data, { ...options, simulations: 2_000, workers: 0 });

/** Of rounds. */
const ROUNDS = {
  simulations: 2 * FEW,
  rounds: 2,
  workers: 0,
  training: { epochs: 2, progress: false },
} as const;

export const truncatedRounds: typeof amortis.truncatedRounds = (method, data, options = {}) =>
  amortis.truncatedRounds(method, data, { ...options, ...ROUNDS });

export const likelihoodRounds: typeof amortis.likelihoodRounds = (method, data, options = {}) =>
  amortis.likelihoodRounds(method, data, { ...options, ...ROUNDS });
