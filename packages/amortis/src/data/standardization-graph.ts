/**
 * Standardisation in graphs: what networks see of data and parameters, and back.
 */
import {
  abs,
  add,
  cast,
  constant,
  div,
  equal,
  exp,
  log,
  maximum,
  mul,
  neg,
  sign,
  sqrt,
  square,
  sub,
  where,
  type Named,
  type Tensor,
} from "@amortis/graph";
import { mayLack, type ArraySpecs } from "./array-spec.js";
import type { Moments, Tails } from "./moments.js";
import { presenceName, type Standardization } from "./standardization.js";

/** (x - mean) / sd, whatever the tails; the moments' lists over the last axes. */
export function standardizeLinearly(x: Tensor, { mean, sd, shape }: Moments): Tensor {
  const inverse = sd.map((s) => 1 / s);
  return mul(sub(x, asConstant(x, mean, shape)), asConstant(x, inverse, shape));
}

/** What networks see of x: (x - mean) / sd, and for columns over decades the same after their map. */
export function standardize(x: Tensor, moments: Moments): Tensor {
  const { tails, shape } = moments;
  if (tails === undefined) return standardizeLinearly(x, moments);
  const mapped = mapTails(x, tails, shape);
  if (tails.width.every((width) => width > 0)) return mapped;
  const has = asConstant(
    x,
    tails.width.map((width) => (width > 0 ? 1 : 0)),
    shape,
  );
  return where(equal(has, 1), mapped, standardizeLinearly(x, moments));
}

function mapTails(x: Tensor, tails: Tails, shape: readonly number[] | undefined): Tensor {
  const of = (values: readonly number[]): Tensor => asConstant(x, values, shape);
  const usable = (values: readonly number[]): readonly number[] =>
    values.map((value) => (value > 0 ? value : 1));
  const t = asinhOf(sub(x, of(tails.center)), of(usable(tails.width)));
  return mul(sub(t, of(tails.mean)), of(usable(tails.sd).map((value) => 1 / value)));
}

/** asinh(d / w) = sign d · (log(m / w) + log(|d| / m + √((d / m)² + (w / m)²))), m = max(|d|, w): no quotient overflows, whatever the decades between. */
function asinhOf(difference: Tensor, width: Tensor): Tensor {
  const size = abs(difference);
  const large = maximum(size, width);
  const [part, one] = [div(size, large), div(width, large)];
  const root = sqrt(add(square(part), square(one)));
  return mul(sign(difference), add(sub(log(large), log(width)), log(add(part, root))));
}

/**
 * All data as networks see them, each by its own moments. Of an array that may lack values, what lacks is zero, and an array beside it says what is
 * there.
 */
export function standardizeAll(
  data: Named,
  { data: moments }: Pick<Standardization, "data">,
  specs: ArraySpecs,
): Named {
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, x]) => {
      const standardized = standardize(x, moments[name] ?? { mean: [0], sd: [1] });
      const spec = specs[name];
      if (spec === undefined || !mayLack(spec)) return [[name, standardized]];
      // NaN alone differs from itself.
      const present = equal(x, x);
      return [
        [name, where(present, standardized, 0)],
        [presenceName(name), cast(present, x.dtype)],
      ];
    }),
  );
}

/** mean + sd · x, over the last axis. */
export function restore(x: Tensor, { mean, sd, shape }: Moments): Tensor {
  return add(mul(x, asConstant(x, sd, shape)), asConstant(x, mean, shape));
}

/** log |d standardize(x) / dx|, entry by entry. */
export function logSlope(x: Tensor, moments: Moments): Tensor {
  const { sd, tails, shape } = moments;
  const of = (values: readonly number[]): Tensor => asConstant(x, values, shape);
  const linear = of(sd.map((value) => -Math.log(value)));
  if (tails === undefined) return linear;
  const width = of(tails.width.map((value) => (value > 0 ? value : 1)));
  const difference = sub(x, of(tails.center));
  const large = maximum(abs(difference), width);
  const root = sqrt(add(square(div(difference, large)), square(div(width, large))));
  const scale = of(tails.sd.map((value) => Math.log(value)));
  const has = equal(of(tails.width.map((value) => (value > 0 ? 1 : 0))), 1);
  return where(has, neg(add(add(log(large), log(root)), scale)), linear);
}

/** The inverse of `standardize`: x from what networks see of it; the moments' lists over the last axis. */
export function restoreSeen(seen: Tensor, moments: Moments): Tensor {
  const { tails, shape } = moments;
  if (tails === undefined) return restore(seen, moments);
  const of = (values: readonly number[]): Tensor => asConstant(seen, values, shape);
  const usable = (values: readonly number[]): readonly number[] =>
    values.map((value, i) => ((tails.width[i] ?? 0) > 0 ? value : 1));
  const all = tails.width.every((width) => width > 0);
  const has = equal(of(tails.width.map((width) => (width > 0 ? 1 : 0))), 1);
  // Of columns that are not mapped the exponential may be no number.
  const own = all ? seen : where(has, seen, 0);
  const y = add(mul(own, of(usable(tails.sd))), of(usable(tails.mean)));
  // w sinh y = e^(y + log w/2) - e^(log w/2 - y): no factor overflows, whatever the decades between.
  const half = of(usable(tails.width).map((width) => Math.log(width / 2)));
  const mapped = add(of(tails.center), sub(exp(add(y, half)), exp(sub(half, y))));
  return all ? mapped : where(has, mapped, restore(seen, moments));
}

function asConstant(
  x: Tensor,
  values: readonly number[],
  shape: readonly number[] | undefined,
): Tensor {
  if (values.length === 1) return constant(values[0] ?? 0, [], x.dtype);
  return constant(values, shape, x.dtype);
}

/** The data with their offsets, in the graph: in single precision, as graphs have them. */
export function withOffsets(data: Named, standardization: Pick<Standardization, "data">): Named {
  return mapInGraph(data, standardization, (x, offset, shape) => {
    const [near, rest] = inParts(x, offset, shape);
    return add(add(x, rest), near);
  });
}

/** The data less their offsets, in the graph. */
export function lessOffsets(data: Named, standardization: Pick<Standardization, "data">): Named {
  return mapInGraph(data, standardization, lessOffset);
}

/** x less an offset, a list over its last axes: what lies near the offset loses no digit that it has in single precision. */
export function lessOffset(
  x: Tensor,
  offset: readonly number[],
  shape: readonly number[] | undefined = [offset.length],
): Tensor {
  const [near, rest] = inParts(x, offset, shape);
  return sub(sub(x, near), rest);
}

/** The numbers nearest to an offset in single precision, and what they lack. */
function inParts(
  x: Tensor,
  offset: readonly number[],
  shape: readonly number[] | undefined,
): readonly [near: Tensor, rest: Tensor] {
  const near = offset.map(Math.fround);
  const rest = offset.map((value, i) => value - (near[i] ?? 0));
  return [asConstant(x, near, shape), asConstant(x, rest, shape)];
}

function mapInGraph(
  data: Named,
  { data: moments }: Pick<Standardization, "data">,
  map: (x: Tensor, offset: readonly number[], shape: readonly number[] | undefined) => Tensor,
): Named {
  return Object.fromEntries(
    Object.entries(data).map(([name, x]) => {
      const { offset, shape } = moments[name] ?? {};
      return [name, offset === undefined ? x : map(x, offset, shape)];
    }),
  );
}
