/**
 * `<amortis-posterior>` as one ES module file: in a page it defines the element, in the worker that the element starts it answers.
 */
import { answerHere } from "../element/answering.js";

export type { AmortisPosterior } from "../element/element.js";

if ("document" in globalThis) {
  const { AmortisPosterior } = await import("../element/element.js");
  if (customElements.get("amortis-posterior") === undefined) {
    customElements.define("amortis-posterior", AmortisPosterior);
  }
} else {
  answerHere();
}
