/**
 * Calls from the page to a worker and back: each has a number, and is answered or refused once.
 */

/** Functions by name, of one argument each. */
export type Calls<T> = { readonly [K in keyof T]: (argument: never) => unknown };

type Argument<F> = F extends (argument: infer A) => unknown ? A : never;
type Result<F> = F extends (argument: never) => infer R ? Awaited<R> : never;

/** What a worker's side implements: the same functions, at once or later. */
export type Handlers<T> = {
  readonly [K in keyof T]: (argument: Argument<T[K]>) => Result<T[K]> | Promise<Result<T[K]>>;
};

/** What the page calls. */
export type Remote<T> = {
  readonly [K in keyof T]: (argument: Argument<T[K]>) => Promise<Result<T[K]>>;
};

interface Request {
  readonly id?: number;
  readonly name: string;
  readonly argument: unknown;
}

type Response =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** Answers calls in a worker, one after another: networks keep its thread busy anyway. */
export function serve<T extends Calls<T>>(handlers: Handlers<T>): void {
  const table: Readonly<Record<string, (argument: never) => unknown>> = handlers;
  let before: Promise<unknown> = Promise.resolve();
  self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
    // Other messages are for other listeners.
    if (data.id === undefined) return;
    before = before.then(() => answer(table, data));
  });
}

async function answer(
  table: Readonly<Record<string, (argument: never) => unknown>>,
  { id = 0, name, argument }: Request,
): Promise<void> {
  try {
    const handler = table[name];
    if (handler === undefined) throw new TypeError(`the worker has no call "${name}"`);
    const value: unknown = await handler(argument as never);
    post({ id, value });
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function post(response: Response): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- from a worker, not to a window
  postMessage(response);
}

/** Tells the page something that it did not ask for just now. */
export function tell(news: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- from a worker, not to a window
  postMessage({ news });
}

/** Hears what a worker tells. */
export function hear(worker: Worker, listener: (news: never) => void): void {
  worker.addEventListener("message", ({ data }: MessageEvent<{ readonly news?: never }>) => {
    if (data.news !== undefined) listener(data.news);
  });
}

/** An error that a worker sent: its text is for people. */
export class RemoteError extends Error {}

/** A worker's functions. */
export function connect<T extends Calls<T>>(worker: Worker): Remote<T> {
  const waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  let last = 0;
  worker.addEventListener("message", ({ data }: MessageEvent<Response>) => {
    const call = waiting.get(data.id);
    if (call === undefined) return;
    waiting.delete(data.id);
    if ("error" in data) call.reject(new RemoteError(data.error));
    else call.resolve(data.value);
  });
  worker.addEventListener("error", ({ message }) => {
    const error = new RemoteError(`the worker failed: ${message}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  const call = async (name: string, argument: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
      worker.postMessage({ id, name, argument } satisfies Request);
    });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any name is a call of the worker's
  return new Proxy(
    {},
    {
      // A promise of it must not take it for another promise.
      get: (_, name) =>
        name === "then" ? undefined : (argument: unknown) => call(String(name), argument),
    },
  ) as Remote<T>;
}
