/**
 * The worker of the element: the very file that the page loaded, which in a worker answers and defines nothing.
 */
import { connect, type Remote } from "../protocol/rpc.js";
import type { ElementCalls } from "./answering.js";

/** Starts it; a file from another origin by way of a module that imports it, as workers must be of the page's own. */
export async function startWorker(): Promise<Remote<ElementCalls>> {
  const own = new URL(import.meta.url);
  const script =
    own.origin === location.origin
      ? own
      : URL.createObjectURL(
          new Blob([`import ${JSON.stringify(own.href)};`], { type: "text/javascript" }),
        );
  return connect<ElementCalls>(new Worker(script, { type: "module" }));
}
