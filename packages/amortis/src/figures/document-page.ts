/**
 * The document to draw in, in a page: its own, to which nothing is added.
 */
import { UnsupportedError } from "@amortis/graph";
import type * as Node from "./document-node.js";

/** @throws UnsupportedError in a worker, which has none. */
export const drawingDocument: typeof Node.drawingDocument = () => {
  if ("document" in globalThis) return globalThis.document;
  throw new UnsupportedError(
    "figures are drawn in Node or in a page, which have a document, but this is a worker: send the page what the figure shows, and draw there",
  );
};
