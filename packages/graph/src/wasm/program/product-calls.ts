/** Matrix products as calls of kernels: one, or a loop over the leading axes. */
import type { Expression, I32, Statement } from "../encoder/expression.js";
import { run, type ModuleBuilder } from "../encoder/module.js";
import { i32 } from "../encoder/scalar.js";
import { PANEL, packKernel, plainProduct, productKernel } from "../kernels/matmul.js";
import { collapse, nest, nestArguments } from "../kernels/nest.js";
import { BYTES, type MatmulOperation } from "./operations.js";
import type { View } from "./view.js";

/** What products are written with. */
interface ProductContext {
  readonly module: ModuleBuilder;
  readonly address: (view: View) => I32;
  readonly fused: boolean;
}

/** Products of so many numbers, at most, are summed before they are added to others. */
const LONGEST_PRODUCT = 512;

/** Rows of A from which packing B pays. */
const PACKED_FROM = 12;

export const constants = (numbers: readonly number[]): readonly Expression[] =>
  numbers.map((number) => i32.const(number));

const zero = i32.const(0);

/** Strides in bytes. */
export const strideBytes = ({ strides, storage: { dtype } }: View): readonly number[] =>
  strides.map((step) => step * BYTES[dtype]);

/** Bytes in which a product packs its second factor; none where it does not. */
export function packedBytes({ inputs: [a, b], output }: MatmulOperation): number {
  const [rows = 1, inner = 1] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 1;
  const isSingle = output.storage.dtype === "float32";
  const isNear = (b.strides.at(-1) ?? 0) === 1 || columns === 1;
  if (!isSingle || (rows < PACKED_FROM && isNear)) return 0;
  return 4 * PANEL * Math.ceil(columns / PANEL) * Math.min(inner, LONGEST_PRODUCT);
}

/** Where the matrices of one product begin: A, B, C, and what is added. */
type Places = readonly [a: I32, b: I32, c: I32, d: I32];

/** One product: its sizes, and strides in bytes along rows and columns. */
interface Product {
  readonly dtype: "float32" | "float64" | "int64";
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly d: readonly number[] | undefined;
  readonly packs: boolean;
  readonly fused: boolean;
}

/** The call that does the products of an operation, one for each of the leading axes. */
export function productCalls(
  { module, address, fused }: ProductContext,
  operation: MatmulOperation,
  workspace: () => I32,
): Statement {
  const { inputs, output } = operation;
  const [left, right, added] = inputs;
  const views = [left, right, output, added ?? output];
  const [m = 1, k = 1] = left.shape.slice(-2);
  const [n = 1] = right.shape.slice(-1);
  const strides = views.map(strideBytes);
  const [ofA = [], ofB = [], ofC = [], ofD = []] = strides.map((steps) => steps.slice(-2));
  const { dtype } = output.storage;
  const product: Product = {
    dtype: dtype === "bool" ? "int64" : dtype,
    m,
    n,
    k,
    a: ofA,
    b: ofB,
    c: ofC,
    d: added && ofD,
    packs: packedBytes(operation) > 0,
    fused,
  };
  const lead = collapse({
    sizes: output.shape.slice(0, -2),
    strides: strides.map((steps) => steps.slice(0, -2)),
  });
  const axes = lead.sizes.length;
  const params = Array.from({ length: 5 + axes + axes * views.length }, () => "i32" as const);
  const reference = module.shared(`products ${JSON.stringify([product, axes])}`, () =>
    module.define(params, undefined, (f, given) => {
      const [room = zero, a = zero, b = zero, c = zero, d = zero] = given;
      nest(f, axes, given.slice(1, 5), given.slice(5), () => {
        for (const each of once(module, product, [a, b, c, d], room)) f.do(each);
      });
    }),
  );
  return run(
    reference,
    product.packs ? workspace() : zero,
    ...views.map(address),
    ...constants(nestArguments(lead)),
  );
}

/** One product; sums of many numbers in blocks, each added to those before. */
function once(
  module: ModuleBuilder,
  product: Product,
  [a, b, c, d]: Places,
  room: I32,
): readonly Statement[] {
  const { m, n, k, packs, fused } = product;
  if (product.dtype !== "float32") return [plain(module, product, [a, b, c, d])];
  const [[aRow = 0, aColumn = 0], [bRow = 0, bColumn = 0]] = [product.a, product.b];
  const cRow = 4 * n;
  const [dRow = 0, dColumn = 0] = product.d ?? [];
  const added = product.d && { row: dRow, column: n === 1 ? 0 : dColumn };
  const statements: Statement[] = [];
  for (let start = 0; start === 0 || start < k; start += LONGEST_PRODUCT) {
    const length = Math.min(LONGEST_PRODUCT, k - start);
    const left = i32.add(a, i32.const(start * aColumn));
    const right = i32.add(b, i32.const(start * bRow));
    if (packs) {
      const pack = packKernel(module, length, n, { row: bRow, column: bColumn });
      statements.push(run(pack, right, room));
    }
    const reference = productKernel(module, {
      m,
      n,
      k: length,
      a: { row: aRow, column: aColumn },
      bStep: packs ? 4 * PANEL : bRow,
      packed: packs,
      initial: start > 0 ? { row: cRow, column: 4 } : added,
      cRow,
      fused,
    });
    statements.push(run(reference, left, packs ? room : right, c, start > 0 ? c : d));
  }
  return statements;
}

function plain(module: ModuleBuilder, product: Product, places: Places): Statement {
  const { dtype, m, n, k, a, b, c, d } = product;
  const reference = plainProduct(module, dtype === "int64" ? dtype : "float64", d !== undefined);
  return run(reference, ...places, ...constants([m, n, k, ...[a, b, c, d ?? c].flat()]));
}
