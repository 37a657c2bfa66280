/**
 * A thread that computes: sessions of a runtime, run as asked.
 */
import { parentPort, workerData } from "node:worker_threads";
import { RuntimeError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import type { Resident, SessionFeed } from "./resident.js";
import type { Runtime, Session } from "./runtime.js";
import {
  recordOf,
  sendable,
  type Asked,
  type Feed,
  type Reply,
  type Request,
  type ThreadSetup,
} from "./thread-protocol.js";

const setup: ThreadSetup = workerData;
let runtime: Runtime | undefined;
const sessions = new Map<
  number,
  { readonly session: Session; readonly kept: Map<number, Resident> }
>();

/** A thread loads the one that it runs. */
async function runtimeOf({ name, options }: ThreadSetup): Promise<Runtime> {
  if (name === "amortis-wasm") return (await import("./wasm.js")).wasmRuntime(options);
  return (await import("./node.js")).nodeRuntime(options);
}

/** Requests are done one after another. */
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", ({ id, request }: Asked) => {
  last = last.then(async () => {
    const reply: Reply = await perform(request).then(
      (outputs) => ({ id, outputs }),
      (error: unknown) => ({ id, error: recordOf(error) }),
    );
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
    parentPort?.postMessage(reply);
  });
});

async function perform(request: Request): Promise<Readonly<Record<string, HostTensor>>> {
  switch (request.kind) {
    case "create": {
      runtime ??= await runtimeOf(setup);
      const session = await runtime.createSession(request.model, request.options);
      sessions.set(request.session, { session, kept: new Map() });
      return {};
    }
    case "run": {
      const { session, kept } = sessionOf(request.session);
      const feeds = Object.entries(request.feeds).map(([name, feed]) => [name, fed(feed, kept)]);
      const outputs = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, sendable(tensor)]),
      );
    }
    case "keep": {
      const { session, kept } = sessionOf(request.session);
      const resident = session.keep?.(request.tensor);
      if (resident !== undefined) kept.set(request.kept, resident);
      return {};
    }
    case "forget":
      sessions.get(request.session)?.kept.delete(request.kept);
      return {};
    default:
      await sessions.get(request.session)?.session.release();
      sessions.delete(request.session);
      return {};
  }
}

function sessionOf(number: number) {
  const found = sessions.get(number);
  if (found === undefined) throw new RuntimeError(`there is no session ${number} in this thread`);
  return found;
}

function fed(feed: Feed, kept: ReadonlyMap<number, Resident>): SessionFeed {
  if (!("kept" in feed)) return feed;
  const resident = kept.get(feed.kept);
  if (resident === undefined) throw new RuntimeError(`tensor ${feed.kept} is not kept`);
  return resident;
}
