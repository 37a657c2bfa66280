/**
 * A model file to begin with, from names and shapes.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { specOf, type ArraySpec, type DataSpec } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import { InvalidArgumentError } from "@amortis/graph";

/** What the file's model has. */
export interface ModelSourceOptions {
  readonly name: string;
  /** Names of the parameters with the ends of their uniform priors. */
  readonly parameters: Readonly<Record<string, readonly [lower: number, upper: number]>>;
  readonly data: DataSpec;
}

const KNOWN: KnownOptions<ModelSourceOptions> = { name: true, parameters: true, data: true };

const WORD = /^[A-Za-z_$][\w$]*$/;

/** Words that are no names in modules. */
const RESERVED = new Set(
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
);

/** Names that the file itself has for other things. */
const TAKEN = new Set(["random", "defineModel", "uniform", "value", "i", "t", "Array"]);

/**
 * The TypeScript of a model with these names and shapes, with a simulator that stands in for one's own: each number of an array is normal around a
 * polynomial in its place, whose coefficients are the parameters. It can be checked and trained as it is.
 *
 * @throws InvalidArgumentError where a name cannot be one in a program or is given twice, or there are no parameters or no data.
 * @example modelSource({ name: "line", parameters: { slope: [-1, 1], offset: [-5, 5] }, data: { y: [20] } })
 */
export function modelSource(options: ModelSourceOptions): string {
  requireKnown("modelSource", options, KNOWN);
  const { name, parameters, data } = options;
  const names = Object.keys(parameters);
  const arrays = Object.entries(data).map(([key, spec]) => [key, specOf(spec)] as const);
  if (names.length === 0) throw new InvalidArgumentError("a model needs a parameter");
  if (arrays.length === 0) throw new InvalidArgumentError("a model needs an array of data");
  for (const word of [...names, ...Object.keys(data)]) requireWord(word);
  const both = names.find((word) => Object.hasOwn(data, word));
  if (both !== undefined) {
    throw new InvalidArgumentError(
      `a parameter and an array of data have one name, "${both}": rename one`,
    );
  }
  const variable = variableOf(name);
  const kinds = [...new Set(arrays.flatMap(([, { kind }]) => (kind === "array" ? [] : [kind])))];
  const several = arrays.some(([, { shape }]) => sizeOf(shape) > 1);
  const places = several ? " in its place t, from 0 to 1," : "";
  return `/**
 * The model "${name}": parameters ${names.join(", ")}; data ${Object.keys(data).join(", ")}.
 *
 *     amortis check THIS_FILE      what its data look like, and what is wrong with it
 *     amortis train THIS_FILE --out ${variable}.amortis
 */
import { ${["defineModel", ...kinds.toSorted(), "uniform"].join(", ")} } from "amortis";

export const ${variable} = defineModel({
  name: ${JSON.stringify(name)},
  // What is known of each parameter before any data: its prior.
  parameters: {
${names.map((key) => `    ${key}: uniform(${parameters[key]?.join(", ")}),`).join("\n")}
  },
  // What one data set is.
  data: {
${arrays.map(([key, spec]) => `    ${key}: ${sourceOf(spec)},`).join("\n")}
  },
  // Draws one data set, given the parameters. All randomness is of the stream "random", so that every run can be repeated. This simulator stands in for
  // yours: each number${places} is normal around a polynomial, whose coefficients are the parameters.
  simulate: ({ ${names.join(", ")} }, random) => {
    const value = (t: number): number => ${names.map((key, power) => term(key, power)).join(" + ")} + 0.1 * random.normal();
    return {
${arrays.map(([key, { shape }]) => `      ${key}: ${drawOf(sizeOf(shape), shape)},`).join("\n")}
    };
  },
  module: import.meta.url,
});
`;
}

/** @throws InvalidArgumentError */
function requireWord(word: string): void {
  if (WORD.test(word) && !RESERVED.has(word) && !TAKEN.has(word)) return;
  throw new InvalidArgumentError(
    `"${word}" cannot be a name in the model's file: take letters, digits and _, and no word of the language`,
  );
}

/** A name as that of a variable: "my-line" is myLine. */
function variableOf(name: string): string {
  const joined = name
    .replaceAll(/[^A-Za-z0-9_$]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "")
    .replace(/^[^A-Za-z_$]+/, "");
  return WORD.test(joined) && !RESERVED.has(joined) && !TAKEN.has(joined) ? joined : "model";
}

function term(name: string, power: number): string {
  if (power === 0) return name;
  return power === 1 ? `${name} * t` : `${name} * t ** ${power}`;
}

function drawOf(size: number, shape: readonly number[]): string {
  if (shape.length === 0) return "value(1)";
  return `Array.from({ length: ${size} }, (_, i) => value(${size === 1 ? "i + 1" : `i / ${size - 1}`}))`;
}

/** A specification as a program says it. */
function sourceOf({ kind, shape, channels }: ArraySpec): string {
  const [first = 1, second = 1, third = 1] = shape;
  switch (kind) {
    case "vector":
      return `vector(${first})`;
    case "set":
      return second === 1 ? `set(${first})` : `set(${first}, { of: ${second} })`;
    case "series":
      return channels ? `series(${first}, { channels: ${second} })` : `series(${first})`;
    case "grid":
      return channels
        ? `grid(${first}, ${second}, { channels: ${third} })`
        : `grid(${first}, ${second})`;
    default:
      return `[${shape.join(", ")}]`;
  }
}
