/**
 * Live examples: elements that ask the real library while something is dragged.
 */
import { AmortisField } from "./field-element.js";
import { AmortisLine } from "./line-element.js";

for (const [name, element] of [
  ["amortis-line", AmortisLine],
  ["amortis-field", AmortisField],
] as const) {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
