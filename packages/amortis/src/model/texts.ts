/**
 * What a model says of its parameters and data in words: units and descriptions, for those who read its estimators' files and figures.
 */
import type { ArraySpecs } from "../data/array-spec.js";
import type { ParameterSlot } from "../data/layout.js";
import { show } from "../show.js";

/** One text for all numbers of a parameter or of an array, or one for each: of a parameter's flat numbers, of an array's last axis. */
export type TextFor = string | readonly string[];

/** Texts by the names of parameters P and data D, of which any may be left out. No parameter has the name of an array. */
export type TextsOf<P, D> = { readonly [K in keyof P | keyof D]?: TextFor };

/** Texts by name. */
export type Texts = Readonly<Record<string, TextFor | undefined>>;

/**
 * What is wrong with units or descriptions, in words; undefined where nothing is.
 *
 * @param which they are: "units".
 */
export function wrongTexts(
  which: string,
  texts: unknown,
  slots: readonly ParameterSlot[],
  specs: ArraySpecs,
): string | undefined {
  if (typeof texts !== "object" || texts === null || Array.isArray(texts)) {
    return `${which} must be texts by name, as in { range: "km" }, but ${show(texts)} was given`;
  }
  const parameters = new Map(slots.map(({ name, size }) => [name, size]));
  const known = [...parameters.keys(), ...Object.keys(specs)];
  for (const [name, text] of Object.entries(texts)) {
    if (!known.includes(name)) {
      return `${which} name "${name}", but there is no such parameter or array: there are ${known.join(", ")}`;
    }
    if (typeof text === "string") continue;
    if (!isTexts(text)) {
      return `${which} of "${name}" must be a text, or a list of texts, but ${show(text)} was given`;
    }
    const size = parameters.get(name) ?? specs[name]?.shape.at(-1) ?? 1;
    if (text.length !== size) {
      return `${which} of "${name}" are ${text.length} texts, but it has ${size} numbers${parameters.has(name) ? "" : " along its last axis"}`;
    }
  }
  return undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
