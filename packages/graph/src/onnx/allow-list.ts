/**
 * Programs from files: checked in full before any runtime sees them.
 *
 * What may be in one is what the engine writes (operators.ts, read-model.ts): its operators with their attributes, its element types, no
 * graphs in graphs, no functions, nothing outside the file. What goes in and comes out is what the caller expects. Then the program is
 * run on shapes alone, for a small call: every node's operands must fit it, no value may be larger than a program's can be, and twice as
 * large a call may take no more than twice as much. So a program cannot loop, cannot draw at random, and cannot ask for more memory or
 * work than its caller does. What remains of a hostile program is wrong numbers.
 */
import type { DType } from "../dtype.js";
import { EncodingError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { encodeModel } from "./encode.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue } from "./ir.js";
import { sizeOf, type Attributes, type Operator, type Value } from "./operator.js";
import { LIMITS, readModel } from "./read-model.js";
import { checkSignature } from "./signature.js";

/** An input or output as the caller expects it. A size that is a name is that of the call; null is any size. */
export interface ExpectedValue {
  readonly dtype: DType;
  readonly shape: readonly (number | string | null)[];
}

/** What a program is for. */
export interface ProgramContract {
  readonly inputs: Readonly<Record<string, ExpectedValue>>;
  /** Inputs that it may do without: weights. */
  readonly optional?: Readonly<Record<string, ExpectedValue>>;
  readonly outputs: Readonly<Record<string, ExpectedValue>>;
  /** Sizes by name at a small call. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** Most elements of one value of a small call. */
const MOST_ELEMENTS = 2 ** 27;

/** Most elements of all values, and most multiplications and additions, of a small call. */
const MOST_WORK = 2 ** 41;

/** Integers whose values are followed, as those of shapes. */
const LONGEST_LIST = 4_096;

/**
 * A program checked, and written anew: what is not understood is not in it.
 *
 * @param model the bytes of an ONNX file
 * @throws EncodingError naming the node and the rule that it breaks.
 * @example
 * const program = checkProgram(bytes, {
 *   inputs: { z: { dtype: "float32", shape: ["batch", 16, 16] } },
 *   outputs: { mean: { dtype: "float32", shape: ["batch", 1] } },
 *   sizes: { batch: 2 },
 * });
 */
export function checkProgram(model: Uint8Array, contract: ProgramContract): Uint8Array {
  return checkedProgram(model, contract)();
}

/** The same, checked now and written anew when it is asked for: of the programs of a file, an answer needs one or two. */
export function checkedProgram(model: Uint8Array, contract: ProgramContract): () => Uint8Array {
  const graph = readModel(model);
  checkInterface("input", graph.inputs, contract.inputs, contract.optional);
  checkInterface("output", graph.outputs, contract.outputs);
  checkNames(graph);
  checkCosts(
    graph,
    contract,
    graph.nodes.map((node, i) => inNode([i, node], () => step(node))),
  );
  return () => encodeModel(graph);
}

const format = ({ dtype, shape }: ExpectedValue): string =>
  `${dtype} [${shape.map((dim) => dim ?? "any").join(", ")}]`;

function checkInterface(
  what: "input" | "output",
  found: readonly OnnxValue[],
  expected: Readonly<Record<string, ExpectedValue>>,
  optional: Readonly<Record<string, ExpectedValue>> = {},
): void {
  const missing = Object.keys(expected).find((name) => !found.some((v) => v.name === name));
  if (missing !== undefined) throw new EncodingError(`it has no ${what} "${missing}"`);
  if (new Set(found.map(({ name }) => name)).size < found.length) {
    throw new EncodingError(`it has an ${what} twice`);
  }
  for (const value of found) {
    const { name } = value;
    const wanted = [expected, optional].find((values) => Object.hasOwn(values, name))?.[name];
    if (wanted === undefined) {
      throw new EncodingError(`it has an ${what} "${name}" that is not asked of it`);
    }
    const fits =
      wanted.dtype === value.dtype &&
      wanted.shape.length === value.shape.length &&
      wanted.shape.every((dim, i) => dim === null || dim === value.shape[i]);
    if (fits) continue;
    throw new EncodingError(
      `its ${what} "${name}" is ${format(value)}, where ${format(wanted)} is expected`,
    );
  }
}

/** Every name is given once, and before it is used. */
function checkNames({ inputs, initializers, nodes, outputs }: OnnxGraph): void {
  const known = new Set<string>();
  const give = (name: string, what: string): void => {
    if (known.has(name)) throw new EncodingError(`${what} "${name}" is given twice`);
    known.add(name);
  };
  for (const { name } of inputs) give(name, "its input");
  for (const { name } of initializers) give(name, "its constant");
  for (const entry of nodes.entries()) {
    const [, { inputs: read, outputs: written }] = entry;
    inNode(entry, () => {
      const unknown = read.find((name) => name !== "" && !known.has(name));
      if (unknown !== undefined) {
        throw new EncodingError(`reads "${unknown}", which nothing before it gives`);
      }
      for (const name of written) if (name !== "") give(name, "its result");
    });
  }
  const lost = outputs.find(({ name }) => !known.has(name));
  if (lost !== undefined) throw new EncodingError(`nothing gives its output "${lost.name}"`);
}

/** Does something for a node, and says of which node an error is. */
function inNode<T>(
  [index, { op, outputs }]: readonly [index: number, node: OnnxNode],
  check: () => T,
): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw new EncodingError(`its node ${index} (${op}, "${outputs[0] ?? ""}"): ${error.message}`);
  }
}

/** What a call takes. */
interface Cost {
  readonly elements: number;
  readonly work: number;
}

/** A node with the entry of its operator. */
export interface Step {
  readonly node: OnnxNode;
  readonly operator: Operator;
  readonly attributes: Attributes;
}

function step(node: OnnxNode): Step {
  return { node, operator: checkSignature(node), attributes: plain(node.attributes) };
}

function checkCosts(graph: OnnxGraph, contract: ProgramContract, steps: readonly Step[]): void {
  const once = costOf(graph, contract, steps, contract.sizes);
  for (const [name, size] of Object.entries(contract.sizes)) {
    const twice = costOf(graph, contract, steps, { ...contract.sizes, [name]: 2 * size });
    if (twice.elements <= 2 * once.elements && twice.work <= 2 * once.work) continue;
    throw new EncodingError(`twice the size "${name}" takes more than twice the memory or time`);
  }
}

/** Runs a program on shapes. */
function costOf(
  graph: OnnxGraph,
  { inputs, optional, outputs }: ProgramContract,
  steps: readonly Step[],
  call: Readonly<Record<string, number>>,
): Cost {
  const values = new Map<string, Value>();
  const sizeAt = sizesOf(call);
  const expected = { ...optional, ...inputs };
  for (const { name, dtype, shape } of graph.inputs) {
    const sizes = shape.map(sizeAt);
    if (Object.hasOwn(expected, name)) values.set(name, checkSize({ dtype, shape: sizes }));
  }
  for (const { name, tensor } of graph.initializers) values.set(name, constant(tensor));
  let [elements, work] = [0, 0];
  for (const [i, each] of steps.entries()) {
    const cost = inNode([i, each.node], () => onShapes(each, values));
    elements += cost.elements;
    work += cost.work;
    if (elements + work > MOST_WORK) {
      throw new EncodingError(`a small call of it takes more than ${MOST_WORK} operations`);
    }
  }
  for (const value of [...(graph.values ?? []), ...graph.outputs]) {
    checkDeclared(value, values.get(value.name), sizeAt, outputs);
  }
  return { elements, work };
}

type SizeAt = (dim: number | string) => number;

/** Sizes at a call, each worked out once: values by the thousand have a few of them. */
export function sizesOf(call: Readonly<Record<string, number>>): SizeAt {
  const known = new Map<string, number>();
  return (dim) => {
    if (typeof dim === "number") return dim;
    const size = known.get(dim) ?? productOf(dim, call);
    known.set(dim, size);
    return size;
  };
}

function productOf(dim: string, call: Readonly<Record<string, number>>): number {
  const factors = dim
    .split("*")
    .map((factor) => (/^\d+$/.test(factor) ? Number(factor) : call[factor]));
  return factors.reduce<number>((product, factor) => {
    if (factor === undefined) throw new EncodingError(`its size "${dim}" is none of the call's`);
    return product * factor;
  }, 1);
}

/** What is known of a constant. */
export function constant({ dtype, shape, data }: HostTensor): Value {
  const isList = data instanceof BigInt64Array && data.length <= LONGEST_LIST;
  return { dtype, shape, ...(isList && { integers: Array.from(data, Number) }) };
}

function checkSize(value: Value): Value {
  const size = sizeOf(value.shape);
  if (value.shape.length > LIMITS.rank) {
    throw new EncodingError(
      `a value of it has ${value.shape.length} axes, more than ${LIMITS.rank}`,
    );
  }
  if (!(size <= MOST_ELEMENTS)) {
    throw new EncodingError(`a value of it has ${size} elements, more than ${MOST_ELEMENTS}`);
  }
  return value;
}

/** Runs a node on types and shapes, and keeps what comes out. @throws EncodingError where operands do not fit. */
export function onShapes({ node, operator, attributes }: Step, values: Map<string, Value>): Cost {
  const operands = node.inputs.map((name) => values.get(name));
  const view = { operands, attributes, results: node.outputs.length };
  const results = operator.infer(view);
  let elements = 0;
  for (const [i, name] of node.outputs.entries()) {
    const result = results[i];
    if (result === undefined) continue;
    values.set(name, checkSize(result));
    elements += sizeOf(result.shape);
  }
  return { elements, work: operator.work?.(view, results) ?? 0 };
}

/** Attributes by name as rules see them. */
export function plain(attributes: Readonly<Record<string, OnnxAttribute>>): Attributes {
  const entries = Object.entries(attributes).flatMap(([name, { value }]) =>
    typeof value === "number" || typeof value === "string" || Array.isArray(value)
      ? [[name, value] as const]
      : [],
  );
  // Tensors and graphs are no attributes of the operators above.
  return Object.fromEntries(entries) as Attributes;
}

/** What a program says of a value must be what comes out. */
function checkDeclared(
  declared: OnnxValue,
  value: Value | undefined,
  sizeAt: SizeAt,
  outputs: Readonly<Record<string, ExpectedValue>>,
): void {
  // Of values on the way, a program may say more than it has kept.
  if (value === undefined) return;
  const wanted = Object.hasOwn(outputs, declared.name) ? outputs[declared.name] : undefined;
  const shape = wanted?.shape.map((dim, i) => dim ?? declared.shape[i] ?? 1) ?? declared.shape;
  const fits =
    declared.dtype === value.dtype &&
    shape.length === value.shape.length &&
    shape.every((dim, i) => sizeAt(dim) === value.shape[i]);
  if (fits) return;
  throw new EncodingError(
    `"${declared.name}" is said to be ${declared.dtype} [${declared.shape.join(", ")}], but is ${value.dtype} [${value.shape.join(", ")}]`,
  );
}
