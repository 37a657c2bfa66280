/**
 * A line of JSON for each simulation, and a line for each answer, in any order.
 *
 *   {"id": 7, "seed": 5432101234, "parameters": {"beta": 0.2, "weights": [1, 2]}, "sizes": {"m": 12}}
 *   {"id": 7, "data": {"infected": [1, 3, 8]}}
 *   {"id": 7, "error": "no solution"}
 *
 * NaN and Infinity, as Python writes them, are read as numbers, and null as NaN.
 */
import { unflatten } from "../../data/layout.js";
import type { ExternalOutcome, ExternalRequest } from "../../model/external.js";
import type { AnyModel } from "../../model/index.js";
import { sizeOf } from "../../data/shape.js";
import { parseJsonText, RepeatedNameError } from "../../json.js";
import { show } from "../../show.js";
import { JunkError, type AnswerReader, type Protocol } from "./protocol.js";

const NEWLINE = 10;

/** The protocol for a model. */
export function jsonLines(model: AnyModel): Protocol {
  const { slots } = model.prior;
  const line = ({ index, theta, sizes, seed }: ExternalRequest): string => {
    const values = Object.entries(unflatten(slots, theta)).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Array.from(value),
    ]);
    const parameters: unknown = Object.fromEntries(values);
    const more = Object.keys(sizes).length > 0 && { sizes };
    return JSON.stringify({ id: index, seed, parameters, ...more });
  };
  // A number has up to 25 characters, and what stands between them.
  const longest =
    2 ** 16 + 64 * Object.values(model.dataShapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return {
    oneByOne: true,
    encode: (requests) =>
      new TextEncoder().encode(requests.map((one) => `${line(one)}\n`).join("")),
    read: (requests, answer) => new LineReader(requests, answer, longest),
  };
}

class LineReader implements AnswerReader {
  /** Place of each request that has no answer yet, by its number. */
  readonly #open: Map<number, number>;
  readonly #answer: (i: number, outcome: ExternalOutcome) => void;
  readonly #longest: number;
  readonly #decoder = new TextDecoder();
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(
    requests: readonly ExternalRequest[],
    answer: (i: number, outcome: ExternalOutcome) => void,
    longest: number,
  ) {
    this.#open = new Map(requests.map(({ index }, i) => [index, i]));
    this.#answer = answer;
    this.#longest = longest;
  }

  take(bytes: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      this.#add(bytes.subarray(start, end < 0 ? bytes.length : end));
      if (end < 0) return;
      this.#line(this.#flush());
      start = end + 1;
    }
  }

  #add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#longest) {
      throw new JunkError(`the program wrote a line of more than ${this.#longest} bytes`);
    }
    if (part.length > 0) this.#parts.push(part);
  }

  #flush(): string {
    const text = this.#parts.map((part) => this.#decoder.decode(part, { stream: true })).join("");
    this.#parts = [];
    this.#length = 0;
    return text + this.#decoder.decode();
  }

  #line(text: string): void {
    if (text.trim() === "") return;
    const answer = parse(text);
    const { id } = answer;
    const i = typeof id === "number" ? this.#open.get(id) : undefined;
    if (typeof id !== "number" || i === undefined) {
      throw new JunkError(
        `the program answered the simulation ${show(id)}, which was not asked, or answered before: its line is ${show(text)}`,
      );
    }
    this.#open.delete(id);
    if ("error" in answer) this.#answer(i, { reason: wordsOf(answer["error"]) });
    else this.#answer(i, { output: answer["data"] });
  }
}

function wordsOf(error: unknown): string {
  const text = typeof error === "string" ? error : show(error);
  return text.trim() === "" ? "the program answered an error" : text.slice(0, 500);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJsonText(text, text.includes("null") ? orNaN : undefined);
  } catch (error) {
    value = error instanceof RepeatedNameError ? undefined : parseNonFinite(text);
  }
  if (typeof value === "object" && value !== null && "id" in value) return { ...value };
  throw new JunkError(
    `the program wrote ${show(text)}, which is no answer: a line must be {"id": ..., "data": {...}} or {"id": ..., "error": "..."}, and messages belong on standard error`,
  );
}

/** With NaN and Infinity where numbers stand, which JSON does not have. Within text they become other words, which does not matter. */
function parseNonFinite(text: string): unknown {
  const replaced = text.replaceAll(/-?\bNaN\b/g, "null").replaceAll(/\bInfinity\b/g, "1e999");
  try {
    return parseJsonText(replaced, orNaN);
  } catch {
    return undefined;
  }
}

function orNaN(_: string, value: unknown): unknown {
  return value === null ? Number.NaN : value;
}
