/**
 * The programs of an estimator, compiled and run.
 */
import { processors } from "#platform";
import {
  bindInputs,
  InvalidArgumentError,
  KeptFeeds,
  type HostTensor,
  type Runtime,
  type Session,
} from "@amortis/graph";
import { answeringRuntime } from "../runtime.js";
import { weightsByName, type Contents } from "./contents.js";

type Named = Readonly<Record<string, HostTensor>>;

/** By what programs are run. */
export interface ProgramOptions {
  /** What runs the programs; by default the engine's own runtime, whose answers are the same to the bit everywhere. */
  readonly runtime?: Runtime;
  /**
   * What runs calls of many numbers instead, such as draws of many data sets; by default nothing else does. An estimator that was trained in this process has the
   * runtime it was trained on, but for ratios and likelihoods, whose chains one last digit would lead elsewhere.
   */
  readonly largeRuntime?: Runtime;
  /** How many calls of the networks are under way at once where there are many draws; by default as many as there are processors. */
  readonly threads?: number;
}

/** Runs a program by its name. */
export type RunProgram = (name: string, feeds: Named) => Promise<Named>;

/** Numbers that are fed from which a call is large: native code is sooner done with them, its second session included (docs/engine.md). */
const LARGE = 4_096;

/** Draws that a thread of its own pays for, which has to load and compile the programs anew. */
const DRAWS_PER_THREAD = 500_000;

/** A program of an estimator with its weights, ready to be run. */
export async function openProgram(
  contents: Contents,
  name: string,
  options: ProgramOptions,
): Promise<Session> {
  const model = contents.programs[name];
  if (model === undefined) {
    throw new InvalidArgumentError(`this estimator has no program "${name}"`);
  }
  const { runtime = await answeringRuntime() } = options;
  // A program takes only the weights its answer depends on.
  const bound = bindInputs(model, weightsByName(contents), { others: "ignore" });
  // What answers takes small steps, which a second thread only makes wait; where there is much to do, calls run side by side.
  // Data sets and draws do not know of each other.
  return runtime.createSession(bound, { threads: 1, rows: ["batch", "draws"] });
}

/** Programs of an estimator, each compiled when it is first needed. */
export class OpenedPrograms {
  readonly #contents: Contents;
  readonly #options: ProgramOptions;
  readonly #sessions = {
    small: new Map<string, Promise<Session>>(),
    large: new Map<string, Promise<Session>>(),
  };
  readonly #kept = new WeakMap<Session, KeptFeeds>();

  constructor(contents: Contents, options: ProgramOptions) {
    this.#contents = contents;
    this.#options = options;
  }

  async run(name: string, feeds: Named): Promise<Named> {
    const { largeRuntime: runtime } = this.#options;
    const isLarge = runtime !== undefined && numbersIn(feeds) >= LARGE;
    const session = await (isLarge
      ? this.#session(this.#sessions.large, name, { ...this.#options, runtime })
      : this.#session(this.#sessions.small, name, this.#options));
    const kept = this.#kept.get(session) ?? new KeptFeeds(session);
    this.#kept.set(session, kept);
    // The context of one posterior comes with all that is asked of it.
    return session.run(kept.of(feeds));
  }

  #session(
    among: Map<string, Promise<Session>>,
    name: string,
    options: ProgramOptions,
  ): Promise<Session> {
    const known = among.get(name);
    if (known !== undefined) return known;
    const session = openProgram(this.#contents, name, options);
    among.set(name, session);
    // One that failed to open is not kept: another try may succeed, and there is nothing to release.
    session.catch(() => among.delete(name));
    return session;
  }

  /**
   * Does work on so many draws: in this thread, or, where that pays, in several of their own, which end with the work.
   *
   * @param work is given what runs programs, one for each thread.
   */
  async inThreads<T>(draws: number, work: (runs: readonly RunProgram[]) => Promise<T>): Promise<T> {
    const { threads = processors(), largeRuntime } = this.#options;
    const runtime = largeRuntime ?? this.#options.runtime ?? (await answeringRuntime());
    const width = Math.min(threads, Math.floor(draws / DRAWS_PER_THREAD));
    if (width < 2 || runtime.startThread === undefined) {
      return work([(name, feeds) => this.run(name, feeds)]);
    }
    const start = runtime.startThread.bind(runtime);
    const started = Array.from({ length: width }, start);
    const others = started.map(
      (thread) => new OpenedPrograms(this.#contents, { runtime: thread, threads: 1 }),
    );
    try {
      return await work(others.map((other) => (name, feeds) => other.run(name, feeds)));
    } finally {
      await Promise.all(started.map((thread) => thread.close()));
    }
  }

  async release(): Promise<void> {
    const { small, large } = this.#sessions;
    const opened = await Promise.allSettled([...small.values(), ...large.values()]);
    small.clear();
    large.clear();
    for (const session of opened) {
      if (session.status === "fulfilled") await session.value.release();
    }
  }
}

function numbersIn(feeds: Named): number {
  return Object.values(feeds).reduce((total, { data }) => total + data.length, 0);
}
