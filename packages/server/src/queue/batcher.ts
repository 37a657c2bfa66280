/**
 * Requests that wait for a thread, and which of them go together.
 *
 * A request that comes while a thread is idle goes at once, with whatever came in the same turn; while all are busy, requests wait, and the next thread that is done takes all
 * that wait for one estimator, up to so many. So batches are as large as the load makes them, and nobody waits for a batch to fill.
 */
import { Problem } from "../problems.js";
import type { Batch, Outcome, Question } from "../questions.js";

/** What a batcher is made of. */
export interface BatcherOptions {
  /** Answers a batch; rejects where the thread died or took too long. */
  readonly run: (batch: Batch) => Promise<readonly Outcome[]>;
  /** Batches at once. */
  readonly slots: number;
  /** Requests of a batch, at most. */
  readonly most: number;
  /** Requests that wait, at most. */
  readonly queue: number;
  /** Seconds that a request may wait. */
  readonly seconds: number;
  /** Hears of each batch that is answered: how many requests, how many wait, and the seconds that it took. */
  readonly onBatch?: (requests: number, seconds: number) => void;
}

interface Job {
  readonly estimator: string;
  readonly question: Question;
  /** When it came, in milliseconds. */
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Weight of the newest batch in the mean time of a request. */
const NEWEST = 0.1;

/** Draws of a request, as most ask; a batch has as many of a request in the mean, at most. */
const USUAL_DRAWS = 1_000;

/** Seconds that a client is told to wait, at most. */
const LONGEST_WAIT = 60;

/** A bounded queue whose requests are answered in batches. */
export class Batcher {
  readonly #options: BatcherOptions;
  #waiting: Job[] = [];
  #running = 0;
  #inFlight = 0;
  #scheduled = false;
  /** Mean seconds of a slot's time that a request takes. */
  #secondsEach = 0.001;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Requests that wait for a thread. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Requests that were accepted and not answered yet. */
  get accepted(): number {
    return this.#waiting.length + this.#inFlight;
  }

  /**
   * Accepts a request.
   *
   * @param signal takes it back, as long as it waits.
   * @throws Problem "too-busy" where as many wait as may.
   */
  ask(estimator: string, question: Question, signal?: AbortSignal): Promise<Outcome> {
    if (this.#waiting.length >= this.#options.queue) return Promise.reject(this.#tooBusy());
    return new Promise((resolve, reject) => {
      const job = { estimator, question, since: performance.now(), resolve, reject };
      this.#waiting.push(job);
      signal?.addEventListener("abort", () => {
        this.#withdraw(job);
      });
      this.#schedule();
    });
  }

  /** Resolves once all that was accepted is answered. */
  async drained(): Promise<void> {
    if (this.accepted === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #tooBusy(): Problem {
    return new Problem(
      "too-busy",
      `${this.#options.queue} requests wait already, which is as many as may: try again later`,
      { headers: this.#comeAgain() },
    );
  }

  /** When what waits now will be answered, by what requests took so far. */
  #comeAgain(): Readonly<Record<string, string>> {
    const wait = Math.ceil((this.#waiting.length * this.#secondsEach) / this.#options.slots);
    return { "retry-after": String(Math.min(LONGEST_WAIT, Math.max(1, wait))) };
  }

  #withdraw(job: Job): void {
    const at = this.#waiting.indexOf(job);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    job.reject(new Problem("unavailable", "the client closed the connection"));
    this.#settle();
  }

  /** Requests that came in one turn go together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#expire();
      while (this.#running < this.#options.slots && this.#waiting.length > 0) {
        void this.#run(this.#take());
      }
    });
  }

  /** The request that waits longest, and others of its estimator: a share for each idle thread, where several are. */
  #take(): readonly Job[] {
    const { slots, most } = this.#options;
    const [first] = this.#waiting;
    const alike = this.#waiting.filter(({ estimator }) => estimator === first?.estimator);
    const share = Math.min(most, Math.ceil(alike.length / (slots - this.#running)));
    let draws = 0;
    const taken = alike.slice(0, share).filter(({ question }, i) => {
      draws += question.draws;
      return i === 0 || draws <= most * USUAL_DRAWS;
    });
    const gone = new Set(taken);
    this.#waiting = this.#waiting.filter((job) => !gone.has(job));
    return taken;
  }

  /** Gives up what waits too long. */
  #expire(): void {
    const since = performance.now() - 1_000 * this.#options.seconds;
    const expired = new Set(this.#waiting.filter((job) => job.since < since));
    if (expired.size === 0) return;
    this.#waiting = this.#waiting.filter((job) => !expired.has(job));
    const headers = this.#comeAgain();
    for (const { reject } of expired) {
      const detail = `no thread was free for ${this.#options.seconds} s: try again later`;
      reject(new Problem("unavailable", detail, { headers }));
    }
    this.#settle();
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    this.#running++;
    this.#inFlight += jobs.length;
    const started = performance.now();
    try {
      await this.#answer(jobs);
    } finally {
      const seconds = (performance.now() - started) / 1000;
      this.#secondsEach += NEWEST * (seconds / jobs.length - this.#secondsEach);
      this.#running--;
      this.#inFlight -= jobs.length;
      this.#options.onBatch?.(jobs.length, seconds);
      this.#settle();
      this.#schedule();
    }
  }

  async #answer(jobs: readonly Job[]): Promise<void> {
    const [first] = jobs;
    if (first === undefined) return;
    try {
      const questions = jobs.map(({ question }) => question);
      const outcomes = await this.#options.run({ estimator: first.estimator, questions });
      for (const [i, { resolve, reject }] of jobs.entries()) {
        const outcome = outcomes[i];
        if (outcome === undefined)
          reject(new Error("a thread gave fewer answers than it was asked"));
        else resolve(outcome);
      }
    } catch (error) {
      if (jobs.length === 1) first.reject(error);
      // One of them may be what the thread died of, and the others are to be answered.
      else for (const job of jobs) await this.#answer([job]);
    }
  }

  #settle(): void {
    if (this.accepted > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
