/**
 * What `worker-node.ts` offers, in a page: no threads.
 */
import { UnsupportedError } from "../errors.js";
import type * as Node from "./worker-node.js";

export const hasThreads: typeof Node.hasThreads = () => false;

export const startWorker: typeof Node.startWorker = () => {
  throw new UnsupportedError("a page has no threads of Node's kind");
};
