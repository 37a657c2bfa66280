/**
 * Step sizes by dual averaging: the logarithm of the step follows the running mean of how far acceptance is from what is wanted, and what is kept is its own weighted mean.
 *
 *     log ε_t = μ - √t / γ · H̄_t,      H̄_t = (1 - 1/(t + t₀)) H̄_{t-1} + (δ - α_t) / (t + t₀),      log ε̄_t = t^-κ log ε_t + (1 - t^-κ) log ε̄_{t-1}
 *
 * Reference: Hoffman & Gelman 2014, "The No-U-Turn Sampler", arXiv 1111.4246, section 3.2; Nesterov 2009.
 */

const GAMMA = 0.05;
const T0 = 10;
const KAPPA = 0.75;
/** Larger steps are tried first, since they cost less. */
const EAGER = 10;

/** A step size that learns. */
export class DualAveraging {
  #target: number;
  #mu: number;
  #off = 0;
  #t = 0;
  #log: number;
  #average: number;

  /** @param target δ, the acceptance that is wanted. */
  constructor(target: number, step: number) {
    this.#target = target;
    this.#log = Math.log(step);
    this.#average = this.#log;
    this.#mu = this.#log + Math.log(EAGER);
  }

  /** ε_t, to go on learning with. */
  get step(): number {
    return Math.exp(this.#log);
  }

  /** ε̄_t, to keep. */
  get average(): number {
    return Math.exp(this.#average);
  }

  /** Hears an acceptance α_t. */
  note(acceptance: number): void {
    const t = ++this.#t;
    const weight = 1 / (t + T0);
    this.#off = (1 - weight) * this.#off + weight * (this.#target - acceptance);
    this.#log = this.#mu - (Math.sqrt(t) / GAMMA) * this.#off;
    const share = t ** -KAPPA;
    this.#average = share * this.#log + (1 - share) * this.#average;
  }

  /** Changes δ. */
  ask(target: (now: number) => number): void {
    this.#target = target(this.#target);
  }

  /** Begins anew at the step that was found: the metric is another. */
  restart(): void {
    this.#log = this.#t === 0 ? this.#log : this.#average;
    this.#mu = this.#log + Math.log(EAGER);
    this.#off = 0;
    this.#t = 0;
  }
}
