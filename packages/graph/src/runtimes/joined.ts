/**
 * A runtime whose calls are joined: what several askers want of one program at once is computed in one call.
 *
 * Where each row of a program's first axis is computed by itself (`SessionOptions.rows` says so), it does not matter whose rows lie beside each other. Askers run as
 * if they were alone; a call waits until every asker that is under way waits for one too, and then goes with those that fit it.
 */
import type { HostArray, HostTensor } from "../host-tensor.js";
import { readModel } from "../onnx/read-model.js";
import type { OnnxValue } from "../onnx/ir.js";
import { emptyArray } from "../wasm/transfer.js";
import { Resident, type SessionFeed } from "./resident.js";
import type { Runtime, Session, SessionOptions } from "./runtime.js";

/** A runtime, and what runs askers side by side. */
export interface JoinedRuntime extends Runtime {
  /**
   * Runs tasks side by side, whose calls of this runtime's programs are joined. One that fails stops no other.
   *
   * @returns how each ended, in their order.
   */
  together<T>(tasks: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
}

/** How much one call takes. */
export interface JoinOptions {
  /** Rows of the first axis, at most; 64 by default. */
  readonly rows?: number;
  /** Numbers of the largest input, at most, where rows are joined at all; 16,384 by default, which stay in a processor's caches. */
  readonly numbers?: number;
}

/** A call that waits. */
interface Waiting {
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly resolve: (outputs: Record<string, HostTensor>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins the calls of a runtime.
 *
 * Answers are those that the runtime gives to each asker alone, where it computes a row the same whatever lies beside it, as the engine's own does.
 *
 * @example
 * const joined = joinedRuntime(wasmRuntime());
 * const estimator = await load("field.amortis", { runtime: joined });
 * const answers = await joined.together(questions.map((data) => () => answerSheet(estimator, data)));
 */
export function joinedRuntime(runtime: Runtime, options: JoinOptions = {}): JoinedRuntime {
  const { rows = 64, numbers = 16_384 } = options;
  const calls = new Calls();
  return {
    name: runtime.name,
    async createSession(model, session = {}) {
      const inner = await runtime.createSession(model, session);
      const inputs = joinableInputs(model, session);
      return inputs === undefined
        ? inner
        : new JoinedSession(inner, calls, inputs, { rows, numbers });
    },
    together: async (tasks) => {
      calls.start(tasks.length);
      return Promise.allSettled(
        tasks.map(async (task) => {
          try {
            return await task();
          } finally {
            calls.end();
          }
        }),
      );
    },
  };
}

/** Names of a model's inputs, where all of them and all outputs have the same rows along their first axis, each computed by itself. */
function joinableInputs(
  model: Uint8Array,
  { rows = [] }: SessionOptions,
): readonly string[] | undefined {
  const { inputs, outputs } = readModel(model, { loops: true });
  const [first] = inputs;
  const along = first?.shape[0];
  const fits = ({ shape }: OnnxValue): boolean =>
    shape[0] === along && !shape.slice(1).includes(along ?? "");
  if (typeof along !== "string" || !rows.includes(along)) return undefined;
  return [...inputs, ...outputs].every(fits) ? inputs.map(({ name }) => name) : undefined;
}

/** Who is under way, and who waits. */
class Calls {
  #under = 0;
  #waiting = 0;
  readonly #flushes = new Set<() => void>();

  start(count: number): void {
    this.#under += count;
  }

  end(): void {
    this.#under--;
    this.#settle();
  }

  /** @param flush makes the calls that wait with the caller. */
  wait(flush: () => void): void {
    this.#waiting++;
    this.#flushes.add(flush);
    this.#settle();
  }

  /** Everyone who could ask has asked. */
  #settle(): void {
    if (this.#waiting === 0 || this.#waiting < this.#under) return;
    const flushes = [...this.#flushes];
    this.#flushes.clear();
    this.#waiting = 0;
    for (const flush of flushes) flush();
  }
}

class JoinedSession implements Session {
  readonly #inner: Session;
  readonly #calls: Calls;
  readonly #inputs: readonly string[];
  readonly #most: Required<JoinOptions>;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #flush = (): void => {
    this.#run();
  };

  constructor(
    inner: Session,
    calls: Calls,
    inputs: readonly string[],
    most: Required<JoinOptions>,
  ) {
    this.#inner = inner;
    this.#calls = calls;
    this.#inputs = inputs;
    this.#most = most;
  }

  run(feeds: Readonly<Record<string, SessionFeed>>): Promise<Record<string, HostTensor>> {
    const key = this.#keyOf(feeds);
    // What does not fit the program is its session's to say.
    if (key === undefined || !areTensors(feeds)) return this.#inner.run(feeds);
    return new Promise((resolve, reject) => {
      const alike = this.#waiting.get(key) ?? [];
      alike.push({ feeds, resolve, reject });
      this.#waiting.set(key, alike);
      this.#calls.wait(this.#flush);
    });
  }

  release(): Promise<void> {
    return this.#inner.release();
  }

  /** What calls that are joined have in common: all sizes but the first, which the inputs of a call share. */
  #keyOf(feeds: Readonly<Record<string, SessionFeed>>): string | undefined {
    const given = this.#inputs.map((name) =>
      Object.hasOwn(feeds, name) ? feeds[name] : undefined,
    );
    const rows = given[0]?.shape[0];
    const fits = given.every((feed) => feed !== undefined && feed.shape[0] === rows);
    if (!fits || rows === 0 || Object.keys(feeds).length !== given.length) return undefined;
    return JSON.stringify(given.map((feed) => [feed?.dtype, feed?.shape.slice(1)]));
  }

  #run(): void {
    const groups = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const group of groups) {
      for (const part of cut(group, this.#most)) void this.#together(part);
    }
  }

  async #together(calls: readonly Waiting[]): Promise<void> {
    const [first] = calls;
    if (first === undefined) return;
    try {
      const joined = calls.length === 1 ? first.feeds : joinFeeds(calls.map(({ feeds }) => feeds));
      const outputs = await this.#inner.run(joined);
      if (calls.length === 1) {
        first.resolve(outputs);
        return;
      }
      let from = 0;
      for (const { feeds, resolve } of calls) {
        const to = from + rowsOf(feeds);
        resolve(sliceAll(outputs, from, to));
        from = to;
      }
    } catch (error) {
      if (calls.length === 1) first.reject(error);
      // It may be one of them alone that cannot be computed.
      else for (const call of calls) await this.#together([call]);
    }
  }
}

function areTensors(
  feeds: Readonly<Record<string, SessionFeed>>,
): feeds is Readonly<Record<string, HostTensor>> {
  return Object.values(feeds).every((feed) => !(feed instanceof Resident));
}

function rowsOf(feeds: Readonly<Record<string, HostTensor>>): number {
  return Object.values(feeds)[0]?.shape[0] ?? 0;
}

/** Calls in their order, in groups that one call takes. */
function* cut(
  calls: readonly Waiting[],
  { rows: mostRows, numbers: mostNumbers }: Required<JoinOptions>,
): Generator<readonly Waiting[]> {
  let group: Waiting[] = [];
  let [rows, numbers] = [0, 0];
  for (const call of calls) {
    const own = rowsOf(call.feeds);
    const size = Math.max(...Object.values(call.feeds).map(({ data }) => data.length));
    if (group.length > 0 && (rows + own > mostRows || numbers + size > mostNumbers)) {
      yield group;
      [group, rows, numbers] = [[], 0, 0];
    }
    group.push(call);
    rows += own;
    numbers += size;
  }
  yield group;
}

/** Tensors by name, one behind the other. */
function joinFeeds(
  all: readonly Readonly<Record<string, HostTensor>>[],
): Record<string, HostTensor> {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const parts = all.flatMap((feeds) => (feeds[name] ? [feeds[name]] : []));
      return [name, joinTensors(parts)];
    }),
  );
}

function joinTensors(parts: readonly HostTensor[]): HostTensor {
  const [first] = parts;
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const size = parts.reduce((sum, { data }) => sum + data.length, 0);
  const dtype = first?.dtype ?? "float32";
  const data = emptyArray(dtype, size);
  let at = 0;
  for (const part of parts) {
    data.set(part.data as never, at);
    at += part.data.length;
  }
  return { dtype, data, shape: [rows, ...(first?.shape.slice(1) ?? [])] };
}

/** Rows [from, to) of each tensor, in memory of their own. */
function sliceAll(
  outputs: Readonly<Record<string, HostTensor>>,
  from: number,
  to: number,
): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype, data, shape }]) => {
      const width = shape.slice(1).reduce((a, b) => a * b, 1);
      const part: HostArray = data.slice(from * width, to * width);
      return [name, { dtype, data: part, shape: [to - from, ...shape.slice(1)] }];
    }),
  );
}
