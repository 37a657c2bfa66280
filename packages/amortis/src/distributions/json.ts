/**
 * Distributions from plain data: what `toJSON` gave, perhaps in a stranger's file. Nothing is executed and everything is checked.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { tagged } from "../schema/objects.js";
import { reads, type Mismatch } from "../schema/schema.js";
import type { Distribution } from "./distribution.js";
import * as kinds from "./kinds.js";
import type { Written } from "./written.js";

/** Nesting beyond this is no prior that anybody meant. */
const DEEPEST = 16;

/** All priors that files may hold: those of `kinds.ts` that say how they are written. */
const cases: Readonly<Record<string, Written>> = Object.fromEntries(
  Object.entries(kinds).flatMap(([name, kind]) =>
    "written" in kind ? [[name, kind.written]] : [],
  ),
);

const schema = tagged("name", cases);

/**
 * The distribution that `toJSON` wrote down.
 *
 * @param json plain data, such as JSON.parse gives.
 * @throws InvalidArgumentError where the data is no distribution, or one of your own (`custom`), which is code.
 * @example distributionFromJSON({ name: "uniform", lower: 0, upper: 0.6 })
 */
export function distributionFromJSON(json: unknown): Distribution {
  return read(json, 0);
}

function read(json: unknown, depth: number): Distribution {
  if (depth > DEEPEST) {
    throw new InvalidArgumentError(
      `a distribution in JSON nests more than ${DEEPEST} levels of "independent"`,
    );
  }
  const reading = reads(schema, json);
  if (!reading.fits) throw new InvalidArgumentError(explain(json, reading.mismatch));
  return reading.value.make((part) => read(part, depth + 1));
}

function explain(json: unknown, { place, message }: Mismatch): string {
  const name = typeof json === "object" && json !== null && "name" in json ? json.name : undefined;
  if (name === "custom") {
    return "a custom distribution is code, which no file holds; pass the model that defines it";
  }
  if (typeof name !== "string" || !Object.hasOwn(cases, name)) {
    return `a distribution in JSON needs one of the names ${Object.keys(cases).toSorted().join(", ")}, but was given ${typeof name === "string" ? `"${name}"` : "none"}`;
  }
  return `the distribution "${name}" in JSON is not valid${place && ` at "${place}"`}: it ${message}`;
}
