/** Units as calls of kernels. */
import type { Expression, I32, Statement } from "../encoder/expression.js";
import { run, type ModuleBuilder } from "../encoder/module.js";
import { i32 } from "../encoder/scalar.js";
import { elementsKernel, gatherKernel, scatterKernel } from "../kernels/indexing.js";
import { mapKernel } from "../kernels/map.js";
import { PANEL, packKernel, plainProduct, productKernel } from "../kernels/matmul.js";
import { collapse, nestArguments } from "../kernels/nest.js";
import { reduceKernel } from "../kernels/reduce.js";
import { argMaxKernel, cumulateKernel } from "../kernels/scan.js";
import { sortKernel } from "../kernels/sort.js";
import {
  BYTES,
  type ElementsOperation,
  type GatherOperation,
  type MatmulOperation,
  type ScatterOperation,
  type SortOperation,
} from "./operations.js";
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

/** Products of so many numbers, at most, are summed before they are added to others. */
const LONGEST_PRODUCT = 512;

/** Rows of A from which packing B pays. */
const PACKED_FROM = 12;

const constants = (numbers: readonly number[]): readonly Expression[] =>
  numbers.map((number) => i32.const(number));

/** Strides in bytes. */
const bytesOf = ({ strides, storage: { dtype } }: View): readonly number[] =>
  strides.map((step) => step * BYTES[dtype]);

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
      return products(context, unit, operation);
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

/** One product: its sizes, and where its matrices are. */
interface Product {
  readonly a: View;
  readonly b: View;
  readonly c: View | undefined;
  readonly output: View;
}

/** A product for each of the leading axes. */
function products(
  context: CallContext,
  unit: Unit,
  operation: MatmulOperation,
): readonly Statement[] {
  const { inputs, output } = operation;
  const [a, b, c] = inputs;
  const lead = output.shape.slice(0, -2);
  const count = sizeOf(lead);
  return Array.from({ length: count }, (_, at) => {
    const places = rowMajor(lead).map((step, axis) => Math.floor(at / step) % (lead[axis] ?? 1));
    const matrix = (view: View): View => ({
      ...view,
      shape: view.shape.slice(-2),
      strides: view.strides.slice(-2),
      offset: places.reduce((sum, i, axis) => sum + i * (view.strides[axis] ?? 0), view.offset),
    });
    const each = { a: matrix(a), b: matrix(b), c: c && matrix(c), output: matrix(output) };
    return output.storage.dtype === "float32"
      ? singleProduct(context, unit, each)
      : [plain(context, each)];
  }).flat();
}

/** Bytes in which a product packs its second factor; none where it does not. */
export function packedBytes({ inputs: [a, b], output }: MatmulOperation): number {
  const [rows = 1, inner = 1] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 1;
  const isSingle = output.storage.dtype === "float32";
  const isNear = (b.strides.at(-1) ?? 0) === 1 || columns === 1;
  if (!isSingle || (rows < PACKED_FROM && isNear)) return 0;
  return 4 * PANEL * Math.ceil(columns / PANEL) * Math.min(inner, LONGEST_PRODUCT);
}

function singleProduct(context: CallContext, unit: Unit, product: Product): readonly Statement[] {
  const { module, address, workspace, fused } = context;
  const { a, b, c, output } = product;
  const [m = 1, n = 1] = output.shape;
  const inner = a.shape[1] ?? 0;
  const [aRow = 0, aColumn = 0] = bytesOf(a);
  const [bRow = 0, bColumn = 0] = bytesOf(b);
  const [cRow = 0, cColumn = 0] = c ? bytesOf(c) : [];
  const outRow = 4 * n;
  const packs =
    unit.kind === "single" && unit.operation.kind === "matmul" && packedBytes(unit.operation) > 0;
  const statements: Statement[] = [];
  for (let start = 0; start === 0 || start < inner; start += LONGEST_PRODUCT) {
    const k = Math.min(LONGEST_PRODUCT, inner - start);
    const part = { ...b, shape: [k, n], offset: b.offset + start * (b.strides[0] ?? 0) };
    const given = { ...a, shape: [m, k], offset: a.offset + start * (a.strides[1] ?? 0) };
    if (packs) {
      const pack = packKernel(module, k, n, { row: bRow, column: bColumn });
      statements.push(run(pack, address(part), workspace(unit)));
    }
    const first = c && { row: cRow, column: n === 1 ? 0 : cColumn };
    const reference = productKernel(module, {
      m,
      n,
      k,
      a: { row: aRow, column: aColumn },
      bStep: packs ? 4 * PANEL : bRow,
      packed: packs,
      initial: start > 0 ? { row: outRow, column: 4 } : first,
      cRow: outRow,
      fused,
    });
    const initial = start > 0 ? output : (c ?? output);
    const from = packs ? workspace(unit) : address(part);
    statements.push(run(reference, address(given), from, address(output), address(initial)));
  }
  return statements;
}

function plain({ module, address }: CallContext, { a, b, c, output }: Product): Statement {
  const { dtype } = output.storage;
  const [m = 1, n = 1] = output.shape;
  const reference = plainProduct(module, dtype === "int64" ? dtype : "float64", c !== undefined);
  const places = [a, b, output, c ?? output].map(address);
  const numbers = [m, n, a.shape[1] ?? 0, ...[a, b, output, c ?? output].flatMap(bytesOf)];
  return run(reference, ...places, ...constants(numbers));
}
