/**
 * Settings in words.
 */
import type { Json } from "../json.js";

/**
 * A setting, a prior, a transform or a network as files have it, in words.
 *
 * @example inWords({ name: "uniform", lower: 0, upper: 0.6 })   // "uniform(lower 0, upper 0.6)"
 */
export function inWords(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  // Networks and transforms are of a kind, and some have a name besides; priors have a name alone.
  const entries = Object.entries(value);
  const title = "kind" in value ? "kind" : "name";
  const name = entries.find(([key]) => key === title)?.[1] ?? "";
  const settings = entries.flatMap(([key, setting]) =>
    key === title ? [] : [`${key} ${inWords(setting)}`],
  );
  return `${inWords(name)}(${settings.join(", ")})`;
}
