/**
 * A document to draw in, where there is no browser.
 *
 * `#document` is this module in Node and `document-page.ts` elsewhere, so that no page is sent a document in JavaScript.
 */
import { parseHTML } from "linkedom";

/** An empty document. */
export function drawingDocument(): Document {
  return parseHTML("<html></html>").document;
}
