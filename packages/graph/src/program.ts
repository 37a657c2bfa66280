/**
 * Programs: inputs to outputs, compiled to ONNX and run by a runtime.
 */
import { InvalidArgumentError, ShapeError } from "./errors.js";
import { hostTensor, type HostArray, type HostTensor } from "./host-tensor.js";
import { lowerGraph } from "./lower.js";
import { encodeModel } from "./onnx/encode.js";
import type { OnnxGraph } from "./onnx/ir.js";
import type { Runtime, Session, SessionOptions } from "./runtimes/runtime.js";
import { divideDims, formatShape, type Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";
import type { Variables } from "./variables.js";

/** Tensors by name. */
export type Named = Readonly<Record<string, Tensor>>;

/** What a program computes. */
export interface ProgramSpec<I extends Named = Named, O extends Named = Named> {
  readonly name?: string;
  readonly inputs: I;
  readonly outputs: O;
  /** Weights the outputs depend on. Without `weights` they become inputs, by their names. */
  readonly variables?: Variables;
  /** The flat vector of the variables' values, in their order. */
  readonly weights?: Float32Array;
}

/** What may be fed for an input: a host tensor, or a flat array where its shape can be told from its length. */
export type Feed = HostTensor | HostArray | readonly number[] | number;

/** Values for a program's inputs, by name. */
export type Feeds<I extends Named> = { readonly [K in keyof I]: Feed };

/** Values of a program's outputs, by name. */
export type Results<O extends Named> = { readonly [K in keyof O]: HostTensor };

/** The values of variables by name, cut from their flat vector. */
export function variableValues(
  variables: Variables,
  weights: Float32Array,
): Readonly<Record<string, HostTensor>> {
  if (weights.length !== variables.size) {
    throw new ShapeError(
      `weights: the variables have ${variables.size} values, but ${weights.length} were given`,
    );
  }
  const values: Record<string, HostTensor> = {};
  let offset = 0;
  for (const { name, shape, size } of variables.entries) {
    values[name] = hostTensor(weights.slice(offset, offset + size), shape);
    offset += size;
  }
  return values;
}

/** The ONNX graph of a program. */
export function programGraph(spec: ProgramSpec): OnnxGraph {
  const { name = "program", inputs, outputs, variables, weights } = spec;
  const leaves = Object.fromEntries(variables?.entries.map((v) => [v.name, v.tensor]) ?? []);
  const both = Object.keys(leaves).find((key) => Object.hasOwn(inputs, key));
  if (both !== undefined) {
    throw new InvalidArgumentError(`"${both}" is both an input and a variable; rename the input`);
  }
  const graph = lowerGraph(name, { ...inputs, ...leaves }, outputs);
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  const values = variables && weights ? variableValues(variables, weights) : {};
  return {
    ...graph,
    // Variables that the outputs do not depend on are left out, and known values are constants.
    inputs: graph.inputs.filter(
      ({ name: key }) =>
        Object.hasOwn(inputs, key) || (used.has(key) && !Object.hasOwn(values, key)),
    ),
    initializers: [
      ...graph.initializers,
      ...Object.entries(values)
        .filter(([key]) => used.has(key))
        .map(([key, tensor]) => ({ name: key, tensor })),
    ],
  };
}

/** The bytes of a program as an ONNX model; variables without weights are inputs of their names. */
export function encodeProgram(spec: ProgramSpec): Uint8Array {
  return encodeModel(programGraph(spec));
}

/**
 * Compiles a program for a runtime.
 *
 * @throws ShapeError where an output depends on something that is not an input.
 * @throws RuntimeError where the runtime refuses the model.
 * @example
 * const x = input("x", ["batch", 2]);
 * const program = await compile({ inputs: { x }, outputs: { y: sum(square(x), { axes: [1] }) } }, nodeRuntime());
 * const { y } = await program.run({ x: [3, 4] });   // y.data[0] is 25
 */
export async function compile<I extends Named, O extends Named>(
  spec: ProgramSpec<I, O>,
  runtime: Runtime,
  options?: SessionOptions,
): Promise<Program<I, O>> {
  const session = await runtime.createSession(encodeProgram(spec), options);
  return new Program(spec.inputs, session);
}

/** A compiled program. */
export class Program<I extends Named, O extends Named> {
  readonly #inputs: I;
  readonly #session: Session;

  constructor(inputs: I, session: Session) {
    this.#inputs = inputs;
    this.#session = session;
  }

  /**
   * Runs once.
   *
   * @throws ShapeError where a feed does not fit its input.
   */
  async run(feeds: Feeds<I>): Promise<Results<O>> {
    const results = await this.#session.run(prepareFeeds(this.#inputs, feeds));
    // The session returns exactly the outputs the program was compiled with.
    return results as unknown as Results<O>;
  }

  /** Frees the runtime's memory. The program cannot run after. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** Feeds as host tensors, each checked against its input, and dynamic sizes against one another. */
export function prepareFeeds(
  inputs: Named,
  feeds: Readonly<Record<string, Feed>>,
): Readonly<Record<string, HostTensor>> {
  const sizes = new Map<string, number>();
  const prepared: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    const feed = feeds[name];
    if (feed === undefined) {
      throw new InvalidArgumentError(
        `nothing was fed for "${name}"; the inputs are ${Object.keys(inputs).join(", ")}`,
      );
    }
    prepared[name] = asHostTensor(name, tensor, feed);
    checkShape(name, tensor.shape, prepared[name].shape, sizes);
  }
  const unknown = Object.keys(feeds).find((name) => !(name in inputs));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `"${unknown}" is not an input; the inputs are ${Object.keys(inputs).join(", ")}`,
    );
  }
  return prepared;
}

function asHostTensor(name: string, { shape, dtype }: Tensor, feed: Feed): HostTensor {
  if (typeof feed === "object" && "dtype" in feed) {
    if (feed.dtype !== dtype) {
      throw new ShapeError(`input "${name}" is ${dtype}, but was fed ${feed.dtype}`);
    }
    return feed;
  }
  const values = typeof feed === "number" ? [feed] : feed;
  return hostTensor(values, shapeFromLength(name, shape, values.length), dtype);
}

function shapeFromLength(name: string, shape: Shape, length: number): readonly number[] {
  const known = shape.reduce<number>((a, dim) => (typeof dim === "number" ? a * dim : a), 1);
  const dynamic = shape.filter((dim) => typeof dim !== "number");
  if (dynamic.length > 1) {
    throw new ShapeError(
      `input "${name}" of shape ${formatShape(shape)} has several dynamic sizes: feed a host tensor with its shape`,
    );
  }
  const rest = dynamic.length === 0 ? 1 : length / known;
  if (!Number.isInteger(rest) || (dynamic.length === 0 && length !== known)) {
    throw new ShapeError(
      `input "${name}" has shape ${formatShape(shape)}, which ${length} values do not fill`,
    );
  }
  return shape.map((dim) => (typeof dim === "number" ? dim : rest));
}

function checkShape(
  name: string,
  expected: Shape,
  given: readonly number[],
  sizes: Map<string, number>,
): void {
  const fits =
    expected.length === given.length &&
    expected.every((dim, axis) => {
      const size = given[axis] ?? 0;
      if (typeof dim === "number") return dim === size;
      const [coefficient, symbol] = leadingSymbol(dim);
      const known = sizes.get(symbol);
      if (known !== undefined) return known * coefficient === size;
      sizes.set(symbol, size / coefficient);
      return Number.isInteger(size / coefficient);
    });
  if (!fits) {
    const bound = [...sizes].map(([symbol, size]) => `${symbol} = ${size}`).join(", ");
    throw new ShapeError(
      `input "${name}" has shape ${formatShape(expected)}, but was fed ${formatShape(given)}${bound && ` (${bound})`}`,
    );
  }
}

/** "3*batch" as 3 and "batch"; a product of several names counts as one name. */
function leadingSymbol(dim: string): readonly [number, string] {
  const [head = "", ...rest] = dim.split("*");
  if (!/^\d+$/.test(head)) return [1, dim];
  const symbol = rest.join("*");
  return divideDims(dim, symbol) === undefined ? [1, dim] : [Number(head), symbol];
}
