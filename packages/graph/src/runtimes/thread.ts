/**
 * A runtime in a thread of its own. In the thread that asks, `run` holds up everything else until it is done, and two runs never overlap; in threads apart they do.
 */
import { startWorker } from "#worker";
import { RuntimeError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { KeptTensors } from "./feeds.js";
import type { RuntimeThread, Session, SessionOptions } from "./runtime.js";
import {
  errorOf,
  sendable,
  type Asked,
  type Feed,
  type Reply,
  type Request,
  type ThreadSetup,
} from "./thread-protocol.js";

/** Starts a thread. It keeps no process alive, but for what it is asked. */
export function startThread(setup: ThreadSetup): RuntimeThread {
  const thread = new Thread(setup);
  let sessions = 0;
  return {
    name: setup.name,
    createSession: async (model, options = {}) => {
      const session = sessions++;
      await thread.ask({ kind: "create", session, model, options: plain(options) });
      return sessionIn(thread, session);
    },
    close: () => thread.close(),
  };
}

/** Options as they can be sent. */
function plain({ threads, optimization, rows, profilePrefix }: SessionOptions): SessionOptions {
  return {
    ...(threads !== undefined && { threads }),
    ...(optimization && { optimization }),
    ...(rows && { rows }),
    ...(profilePrefix !== undefined && { profilePrefix }),
  };
}

function sessionIn(thread: Thread, session: number): Session {
  let released: Promise<unknown> | undefined;
  // What is wrong with either is said by the run that is fed it.
  const tell = (request: Request): void => void thread.ask(request).catch(() => {});
  const kept = new KeptTensors<Feed>((feed) => {
    if ("kept" in feed) tell({ kind: "forget", session, kept: feed.kept });
  });
  let count = 0;
  return {
    keep: (tensor) =>
      kept.keep(tensor, () => {
        const number = count++;
        tell({ kind: "keep", session, kept: number, tensor: sendable(tensor) });
        return { kept: number };
      }),
    async run(feeds) {
      if (released) throw new RuntimeError("the session was released and cannot run");
      const sent = Object.entries(feeds).map(([name, feed]) => [
        name,
        kept.of(name, feed, sendable),
      ]);
      return { ...(await thread.ask({ kind: "run", session, feeds: Object.fromEntries(sent) })) };
    },
    async release() {
      await (released ??= thread.ask({ kind: "release", session }));
    },
  };
}

interface Waiting {
  readonly resolve: (outputs: Readonly<Record<string, HostTensor>>) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker and what it was asked. */
class Thread {
  readonly #worker: ReturnType<typeof startWorker>;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #ended: RuntimeError | undefined;

  constructor(setup: ThreadSetup) {
    this.#worker = startWorker(setup);
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => {
      this.#settle(reply.id, ({ resolve, reject }) => {
        if ("error" in reply) reject(errorOf(reply.error));
        else resolve(reply.outputs);
      });
    });
    this.#worker.on("error", (cause: unknown) => {
      this.#end(new RuntimeError(`a thread that computes died: ${String(cause)}`, { cause }));
    });
    this.#worker.on("exit", () => {
      this.#end(new RuntimeError("the thread that computes was closed"));
    });
  }

  ask(request: Request): Promise<Readonly<Record<string, HostTensor>>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
      this.#worker.postMessage({ id, request } satisfies Asked);
    });
  }

  async close(): Promise<void> {
    // Its end is waited for, which nothing else may keep the process alive for.
    this.#worker.ref();
    await this.#worker.terminate();
  }

  #settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (waiting !== undefined) how(waiting);
  }

  #end(error: RuntimeError): void {
    this.#ended ??= error;
    for (const id of this.#waiting.keys()) {
      this.#settle(id, ({ reject }) => {
        reject(error);
      });
    }
  }
}
