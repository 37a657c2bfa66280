/** Units as calls of kernels. */
import type { I32, Statement } from "../encoder/expression.js";
import { run, type ModuleBuilder } from "../encoder/module.js";
import { i32 } from "../encoder/scalar.js";
import { elementsKernel, gatherKernel, scatterKernel } from "../kernels/indexing.js";
import { mapKernel } from "../kernels/map.js";
import { collapse, nestArguments } from "../kernels/nest.js";
import { reduceKernel } from "../kernels/reduce.js";
import { argMaxKernel, cumulateKernel } from "../kernels/scan.js";
import { sortKernel } from "../kernels/sort.js";
import {
  BYTES,
  type ElementsOperation,
  type GatherOperation,
  type ScatterOperation,
  type SortOperation,
} from "./operations.js";
import { constants, productCalls, strideBytes as bytesOf } from "./product-calls.js";
import type { Unit } from "./schedule.js";
import { rowMajor, sizeOf, type View } from "./view.js";

/** What calls are written with. */
export interface CallContext {
  readonly module: ModuleBuilder;
  /** Where the first element of a view is. */
  readonly address: (view: View) => I32;
  /** Rows that a run gives of an input of as many as there are. */
  readonly rows: (view: View) => I32;
  /** Memory that a unit alone works in. */
  readonly workspace: (unit: Unit) => I32;
  /** Whether products may be fused with sums. */
  readonly fused: boolean;
}

/** The calls that do a unit. */
export function callsOf(context: CallContext, unit: Unit): readonly Statement[] {
  const { module, address } = context;
  if (unit.kind === "loop") {
    const { reference, numbers } = mapKernel(module, unit.body);
    const places = [...unit.reads, ...unit.writes].map(address);
    return [run(reference, ...places, ...constants(numbers))];
  }
  const { operation } = unit;
  switch (operation.kind) {
    case "reduce": {
      const { name, inputs, output } = operation;
      const [x] = inputs;
      const { reference, numbers } = reduceKernel(module, {
        name,
        shape: x.shape,
        loads: [{ dtype: x.storage.dtype, strides: x.strides }],
        steps: [],
        dtype: output.storage.dtype,
        output: output.strides,
      });
      return [run(reference, address(x), address(output), ...constants(numbers))];
    }
    case "matmul":
      return [productCalls(context, operation, () => context.workspace(unit))];
    case "gather":
      return [gather(context, operation)];
    case "scatter":
      return [scatter(context, operation)];
    case "cumulate":
    case "argMax": {
      const { inputs, output } = operation;
      const [x] = inputs;
      const isSum = operation.kind === "cumulate";
      const [from, to] = [bytesOf(x), bytesOf(output)];
      const sizes = x.shape.slice(0, -1);
      const space = collapse({ sizes, strides: [from.slice(0, -1), isSum ? to.slice(0, -1) : to] });
      const axes = space.sizes.length;
      const { dtype } = x.storage;
      const reference = isSum
        ? cumulateKernel(module, dtype, axes, operation.exclusive)
        : argMaxKernel(module, dtype, axes);
      const steps = [from.at(-1) ?? 0, ...(isSum ? [to.at(-1) ?? 0] : [])];
      const numbers = [x.shape.at(-1) ?? 1, ...steps, ...nestArguments(space)];
      return [run(reference, address(x), address(output), ...constants(numbers))];
    }
    case "sort":
      return [sort(context, operation)];
    default:
      return [elements(context, operation)];
  }
}

function sort({ module, address }: CallContext, operation: SortOperation): Statement {
  const { inputs, output, largest } = operation;
  const [x, room] = inputs;
  const [from, to] = [bytesOf(x), bytesOf(output)];
  const sizes = x.shape.slice(0, -1);
  const space = collapse({ sizes, strides: [from.slice(0, -1), to.slice(0, -1)] });
  const reference = sortKernel(module, x.storage.dtype, space.sizes.length, largest);
  const numbers = [x.shape.at(-1) ?? 1, from.at(-1) ?? 0, ...nestArguments(space)];
  return run(reference, ...[x, output, room].map(address), ...constants(numbers));
}

function gather({ module, address, rows }: CallContext, operation: GatherOperation): Statement {
  const { inputs, output, axis } = operation;
  const [data, indices] = inputs;
  const { shape, storage } = data;
  const row = sizeOf(shape.slice(axis + 1)) * BYTES[storage.dtype];
  const count = storage.place.kind === "stream" ? rows(data) : i32.const(shape[axis] ?? 0);
  const before = i32.const(sizeOf(shape.slice(0, axis)));
  const places = [address(data), address(indices), address(output)];
  const sizes = [before, count, i32.const(sizeOf(indices.shape)), i32.const(row)];
  return run(gatherKernel(module), ...places, ...sizes);
}

function elements({ module, address }: CallContext, operation: ElementsOperation): Statement {
  const { kind, inputs, output, axis, adds } = operation;
  const [indices = output, second = output] = inputs;
  const isGather = kind === "gatherElements";
  const [each, array] = isGather ? [output, second] : [second, output];
  const across = bytesOf(array);
  const space = collapse({
    sizes: indices.shape,
    strides: [bytesOf(indices), bytesOf(each), across.with(axis, 0)],
  });
  const direction = isGather ? "gather" : adds ? "add" : "scatter";
  const { dtype } = output.storage;
  const reference = elementsKernel(module, dtype, space.sizes.length, direction);
  const places = [address(indices), address(each), address(array)];
  const numbers = [array.shape[axis] ?? 1, across[axis] ?? 0, ...nestArguments(space)];
  return run(reference, ...places, ...constants(numbers));
}

function scatter({ module, address }: CallContext, operation: ScatterOperation): Statement {
  const { inputs, output, adds } = operation;
  const [indices, updates] = inputs;
  const depth = indices.shape.at(-1) ?? 0;
  const across = rowMajor(output.shape).map((step) => step * BYTES[output.storage.dtype]);
  const axes = Array.from({ length: depth }, (_, i) => [output.shape[i] ?? 1, across[i] ?? 0]);
  const reference = scatterKernel(module, output.storage.dtype, depth, adds);
  const count = sizeOf(indices.shape.slice(0, -1));
  const row = sizeOf(output.shape.slice(depth));
  const places = [address(indices), address(updates), address(output)];
  return run(reference, ...places, ...constants([count, row, ...axes.flat()]));
}
