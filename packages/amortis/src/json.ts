/** Plain data, as JSON has it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A name that an object has twice. */
export class RepeatedNameError extends SyntaxError {}

/**
 * `JSON.parse`, but for objects with a name twice, of which it keeps the last: whoever wrote them cannot have meant that.
 *
 * @throws RepeatedNameError where an object has a name twice; SyntaxError where the text is no JSON.
 * @example parseJsonText('{"epochs": 10, "epochs": 100}')   // an object has "epochs" twice
 */
export function parseJsonText(
  text: string,
  reviver?: (this: unknown, key: string, value: unknown) => unknown,
): unknown {
  const value: unknown = JSON.parse(text, reviver);
  requireNamesOnce(text);
  return value;
}

/** @throws RepeatedNameError where an object of valid JSON has a name twice. */
export function requireNamesOnce(text: string): void {
  const name = repeatedName(text);
  if (name === undefined) return;
  throw new RepeatedNameError(
    `an object has ${JSON.stringify(name.slice(0, 60))} twice, of which one would be passed over: leave out one of them`,
  );
}

/** The first name that an object of valid JSON has twice, in one pass. */
function repeatedName(text: string): string | undefined {
  /** Names of the objects that are open; of arrays there are none. */
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfText(text, at);
      if (isName && names !== undefined) {
        const name = nameOf(text.slice(at, end + 1));
        if (names.has(name)) return name;
        names.add(name);
      }
      [isName, at] = [false, end];
    } else if (character === "{" || character === "[") {
      names = character === "{" ? new Set() : undefined;
      open.push(names);
      isName = names !== undefined;
    } else if (character === "}" || character === "]") {
      open.pop();
      names = open.at(-1);
    } else if (character === ",") isName = names !== undefined;
  }
  return undefined;
}

/** The closing quotation mark of a text that opens at a place. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** "\u0079" and "y" are one name. */
function nameOf(quoted: string): string {
  return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}
