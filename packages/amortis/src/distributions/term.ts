/**
 * Terms: arithmetic of parameters as data, which is worked out in numbers and in graphs alike, and kept in files.
 */
import {
  add,
  constant,
  div,
  exp,
  log,
  mul,
  sqrt,
  sub,
  InvalidArgumentError,
  type Tensor,
} from "@amortis/graph";
import { object, tagged } from "../schema/objects.js";
import { reads } from "../schema/schema.js";
import { anything, list, number, text, whole } from "../schema/values.js";
import type { DistributionJson } from "./distribution.js";

const OPERATIONS = {
  plus: { host: (a: number, b: number) => a + b, graph: add },
  minus: { host: (a: number, b: number) => a - b, graph: sub },
  times: { host: (a: number, b: number) => a * b, graph: mul },
  over: { host: (a: number, b: number) => a / b, graph: div },
} as const;

const FUNCTIONS = {
  exp: { host: Math.exp, graph: exp },
  log: { host: Math.log, graph: log },
  sqrt: { host: Math.sqrt, graph: sqrt },
} as const;

type Operation = keyof typeof OPERATIONS;
type Function1 = keyof typeof FUNCTIONS;

type Node =
  | { readonly name: "number"; readonly value: number }
  | { readonly name: "parameter"; readonly of: string; readonly at: number }
  | { readonly name: Operation; readonly left: Term; readonly right: Term }
  | { readonly name: Function1; readonly of: Term };

/** A number that follows from parameters: a parameter, or sums, products and so on of such. */
export class Term {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  /** This and another added. */
  plus(other: Term | number): Term {
    return this.#with("plus", other);
  }

  minus(other: Term | number): Term {
    return this.#with("minus", other);
  }

  times(other: Term | number): Term {
    return this.#with("times", other);
  }

  /** This divided by another. */
  over(other: Term | number): Term {
    return this.#with("over", other);
  }

  exp(): Term {
    return new Term({ name: "exp", of: this });
  }

  log(): Term {
    return new Term({ name: "log", of: this });
  }

  sqrt(): Term {
    return new Term({ name: "sqrt", of: this });
  }

  /** Of a parameter that is a vector, its number at a place, from 0 on; without it, the first. */
  at(place: number): Term {
    if (this.node.name === "parameter") return new Term({ ...this.node, at: place });
    throw new InvalidArgumentError("at(place) picks a number of a parameter, and this is a result");
  }

  #with(name: Operation, other: Term | number): Term {
    return new Term({ name, left: this, right: termOf(other) });
  }
}

/** A number as a term. */
export function termOf(value: Term | number): Term {
  return value instanceof Term ? value : new Term({ name: "number", value });
}

/** A parameter as a term. */
export function parameterTerm(name: string): Term {
  return new Term({ name: "parameter", of: name, at: 0 });
}

/** The parameters that a term is made of, and the places asked of each. */
export function parametersOf({ node }: Term): readonly (readonly [string, number])[] {
  if (node.name === "number") return [];
  if (node.name === "parameter") return [[node.of, node.at]];
  return "left" in node
    ? [...parametersOf(node.left), ...parametersOf(node.right)]
    : parametersOf(node.of);
}

/** A term in numbers. */
export function evaluateTerm(
  { node }: Term,
  parameter: (name: string, at: number) => number,
): number {
  if (node.name === "number") return node.value;
  if (node.name === "parameter") return parameter(node.of, node.at);
  return "left" in node
    ? OPERATIONS[node.name].host(
        evaluateTerm(node.left, parameter),
        evaluateTerm(node.right, parameter),
      )
    : FUNCTIONS[node.name].host(evaluateTerm(node.of, parameter));
}

/** A term in a graph. */
export function termInGraph(
  { node }: Term,
  parameter: (name: string, at: number) => Tensor,
  dtype: Tensor["dtype"],
): Tensor {
  if (node.name === "number") return constant(node.value, [], dtype);
  if (node.name === "parameter") return parameter(node.of, node.at);
  return "left" in node
    ? OPERATIONS[node.name].graph(
        termInGraph(node.left, parameter, dtype),
        termInGraph(node.right, parameter, dtype),
      )
    : FUNCTIONS[node.name].graph(termInGraph(node.of, parameter, dtype));
}

/** A term as data. */
export function termToJSON({ node }: Term): DistributionJson {
  if (node.name === "number" || node.name === "parameter") return node;
  return "left" in node
    ? { name: node.name, of: [termToJSON(node.left), termToJSON(node.right)] }
    : { name: node.name, of: [termToJSON(node.of)] };
}

const one = object({ of: list(anything, { least: 1, most: 1 }) }, { others: "refused" });
const two = object({ of: list(anything, { least: 2, most: 2 }) }, { others: "refused" });

const schema = tagged("name", {
  number: object({ value: number() }, { others: "refused" }),
  parameter: object({ of: text(), at: whole({ least: 0 }) }, { others: "refused" }),
  plus: two,
  minus: two,
  times: two,
  over: two,
  exp: one,
  log: one,
  sqrt: one,
});

/** Nesting beyond this is nothing that anybody meant. */
const DEEPEST = 64;

/** @throws InvalidArgumentError where the data are no term. */
export function termFromJSON(json: unknown, depth = 0): Term {
  const reading = reads(schema, json);
  if (!reading.fits || depth > DEEPEST) {
    throw new InvalidArgumentError(
      `a dependent distribution in JSON has a term that is none: it needs one of number, parameter, plus, minus, times, over, exp, log, sqrt, nested at most ${DEEPEST} deep`,
    );
  }
  const { value } = reading;
  if (value.name === "number" || value.name === "parameter") return new Term(value);
  const [first, second] = value.of.map((each) => termFromJSON(each, depth + 1));
  if (first === undefined) throw new TypeError("the schema has one or two");
  return second === undefined
    ? functionTerm(value.name, first)
    : operationTerm(value.name, first, second);
}

function functionTerm(name: string, of: Term): Term {
  return name === "exp" ? of.exp() : name === "log" ? of.log() : of.sqrt();
}

function operationTerm(name: string, left: Term, right: Term): Term {
  if (name === "plus") return left.plus(right);
  if (name === "minus") return left.minus(right);
  return name === "times" ? left.times(right) : left.over(right);
}
