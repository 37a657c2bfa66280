/**
 * Values in messages.
 */

const LONGEST = 80;

/** A value in a message, shortened; whatever it is, this throws nothing. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  // BigInts and symbols are no JSON.
  if (typeof value === "bigint") return shorten(`${value}n`);
  if (typeof value === "string") return shorten(JSON.stringify(value.slice(0, LONGEST + 1)));
  return shorten(asJson(value));
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Nested too deep, in a circle, or with BigInts within.
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  }
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}
