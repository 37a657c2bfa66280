/**
 * From symbolic tensors to an ONNX graph.
 *
 * Equal computations are shared: two applications of one primitive with equal attributes to equal inputs become one node,
 * which is where gradients, written without regard to repetition, lose their repetitions.
 */
import { InvalidArgumentError, ShapeError } from "./errors.js";
import { topological } from "./gradient.js";
import { hostTensor, type HostTensor } from "./host-tensor.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue } from "./onnx/ir.js";
import type { OperatorName } from "./onnx/operators.js";
import { prune } from "./onnx/prune.js";
import { checkSignature } from "./onnx/signature.js";
import type { LowerContext, LoweredValue } from "./primitive.js";
import { isStatic } from "./shape.js";
import type { Application, Tensor } from "./tensor.js";

/** Collects nodes and constants of one graph, sharing what is equal. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: { readonly name: string; readonly tensor: HostTensor }[] = [];
  readonly #prefix: string;
  readonly #outer: GraphBuilder | undefined;
  readonly #shared = new Map<string, readonly string[]>();
  readonly #identities = new Map<unknown, number>();
  readonly #names = new Map<Tensor, string>();
  readonly #values = new Map<string, OnnxValue>();
  readonly #reserved = new Set<string>();
  readonly #beforeReshapes = new Map<string, LoweredValue>();
  #count = 0;

  /** @param outer the graph around a loop body, which holds the constants of both. */
  constructor(prefix = "", outer?: GraphBuilder) {
    this.#prefix = prefix;
    this.#outer = outer;
  }

  /** Says by what name a tensor is known: an input, or what stands in its place. */
  bind(tensor: Tensor, name: string): void {
    this.#names.set(tensor, name);
    this.reserve(name);
  }

  /**
   * Types of computed values with dynamic sizes. ONNX Runtime loses the name of a size in a Reshape, and takes time quadratic in
   * the number of nodes after it to load a model: 1.1 s instead of 0.03 s for 1,600.
   */
  get values(): readonly OnnxValue[] {
    return [...this.#values.values()];
  }

  /** Keeps a name from being given to anything made here. */
  reserve(name: string): void {
    this.#reserved.add(name);
  }

  /** A name not used before. */
  fresh(hint: string): string {
    const name = `${this.#prefix}${hint}_${this.#count++}`;
    return this.#reserved.has(name) ? this.fresh(hint) : name;
  }

  /**
   * Emits one node.
   *
   * @throws EncodingError where the table of operators has no such node: what is written could not be read again.
   */
  emitMany(
    op: OperatorName,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): readonly string[] {
    const key = `node|${op}|${inputs.join(",")}|${outputs}|${this.#key(attributes)}`;
    return this.#share(key, () => {
      const names = Array.from({ length: outputs }, () => this.fresh(op));
      const node = { op, inputs, outputs: names, attributes };
      checkSignature(node);
      this.nodes.push(node);
      return names;
    });
  }

  /** Emits one node of one output. */
  emit(
    op: OperatorName,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.emitMany(op, inputs, 1, attributes)[0] ?? "";
  }

  /** A constant, shared by value. */
  constant(tensor: HostTensor): string {
    if (this.#outer !== undefined) return this.#outer.constant(tensor);
    const key = `constant|${this.#key(tensor)}`;
    return (
      this.#share(key, () => {
        const name = this.fresh("constant");
        this.initializers.push({ name, tensor });
        return [name];
      })[0] ?? ""
    );
  }

  int64(values: readonly number[]): string {
    return this.constant(hostTensor(values, [values.length], "int64"));
  }

  /** Lowers tensors, and all that they are computed from, and returns their names. */
  lower(tensors: readonly Tensor[]): readonly string[] {
    for (const application of topological(tensors)) this.#lowerOne(application);
    return tensors.map((tensor) => this.#nameOf(tensor));
  }

  #lowerOne(application: Application): void {
    const [head] = application.outputs;
    if (head === undefined || this.#names.has(head)) return;
    const { primitive, attributes } = application;
    const inputs = application.inputs.map((tensor) => this.#nameOf(tensor));
    const [source = ""] = inputs;
    const beforeReshapes = this.#beforeReshapes.get(source);
    const context: LowerContext<unknown> = {
      inputs,
      beforeReshapes,
      inputTypes: application.inputs,
      outputTypes: application.outputs,
      attributes,
      emit: (op, operands, given) => this.emit(op, operands, given),
      emitMany: (op, operands, outputs, given) => this.emitMany(op, operands, outputs, given),
      constant: (tensor) => this.constant(tensor),
      int64: (values) => this.int64(values),
      scalar: (value, dtype) => this.constant(hostTensor([value], [], dtype)),
    };
    const names = primitive.lower(context);
    for (const [i, output] of application.outputs.entries()) {
      const name = names[i] ?? "";
      this.#names.set(output, name);
      if (!isStatic(output.shape) && !this.#reserved.has(name)) {
        this.#values.set(name, onnxValue(name, output));
      }
    }
    const [result = ""] = names;
    if (primitive.reshapes === true && result !== beforeReshapes?.name) {
      const shape = application.inputs[0]?.shape ?? [];
      this.#beforeReshapes.set(result, beforeReshapes ?? { name: source, shape });
    }
  }

  #nameOf(tensor: Tensor): string {
    const name = this.#names.get(tensor);
    if (name === undefined) {
      throw new ShapeError(
        `the program depends on ${tensor.toString()}, which is not among its inputs; pass it in \`inputs\``,
      );
    }
    return name;
  }

  #share(key: string, make: () => readonly string[]): readonly string[] {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const names = make();
    this.#shared.set(key, names);
    return names;
  }

  /** A key equal for equal values. Large arrays and functions are equal only to themselves. */
  #key(value: unknown): string {
    return JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === "number" && !Number.isFinite(item)) return String(item);
      if (Object.is(item, -0)) return "-0";
      if (typeof item === "function") return this.#identity(item);
      if (ArrayBuffer.isView(item)) {
        const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
        return bytes.length <= 4096 ? bytes.join() : this.#identity(item);
      }
      return item;
    });
  }

  #identity(item: unknown): string {
    const known = this.#identities.get(item) ?? this.#identities.size;
    this.#identities.set(item, known);
    return `identity ${known}`;
  }
}

/** A tensor as an input or output of a graph. */
export function onnxValue(
  name: string,
  { dtype, shape }: Pick<Tensor, "dtype" | "shape">,
): OnnxValue {
  return { name, dtype, shape };
}

/**
 * A whole graph from inputs and outputs by name.
 *
 * @throws ShapeError where an output depends on a leaf that is not among the inputs.
 * @throws InvalidArgumentError where an output has the name of an input.
 */
export function lowerGraph(
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
): OnnxGraph {
  const builder = new GraphBuilder();
  for (const [key, tensor] of Object.entries(inputs)) builder.bind(tensor, key);
  for (const key of Object.keys(outputs)) {
    if (Object.hasOwn(inputs, key)) {
      throw new InvalidArgumentError(
        `"${key}" is both an input and an output; values of one program need different names`,
      );
    }
    builder.reserve(key);
  }
  const names = builder.lower(Object.values(outputs));
  const values = Object.entries(outputs).map(([key, tensor], i) => {
    // Outputs carry the names people asked for; Identity also covers an output that is itself an input or a constant.
    builder.nodes.push({
      op: "Identity",
      inputs: [names[i] ?? ""],
      outputs: [key],
      attributes: {},
    });
    return onnxValue(key, tensor);
  });
  return prune({
    name,
    nodes: builder.nodes,
    inputs: Object.entries(inputs).map(([key, tensor]) => onnxValue(key, tensor)),
    outputs: values,
    initializers: builder.initializers,
    values: builder.values,
  });
}
