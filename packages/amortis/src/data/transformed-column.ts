/**
 * What columns are after their transforms, and what is learned of them then.
 */
import { describeSizes, type ArraySpec } from "./array-spec.js";
import { categoriesOf, type ColumnTransform } from "./column-transform.js";
import { sizeOf } from "./shape.js";
import { DataError } from "./simulator-output.js";

/** What is learned of a column after its transform: mean and standard deviation alone, or nothing. */
export type Scaling = "linear" | "given";

/** How a transformed column is scaled; undefined where that is found as ever. */
export function scalingOf(transform: ColumnTransform | undefined): Scaling | undefined {
  switch (transform?.kind) {
    case "log":
    case "logit":
    case "constrain":
    case "linear":
      return "linear";
    case "standardize":
    case "oneHot":
      return "given";
    default:
      return undefined;
  }
}

/** What an array is after a transform of its values. */
export function transformedSpec(spec: ArraySpec, transform: ColumnTransform): ArraySpec {
  if (transform.kind !== "oneHot") return spec;
  const { shape, kind } = spec;
  const count = categoriesOf(transform.categories).length;
  const last = shape.length - 1;
  // Each channel becomes as many; numbers without channels get an axis of them, but for vectors, which stay vectors.
  if (spec.channels) return { ...spec, shape: shape.with(last, (shape[last] ?? 1) * count) };
  if (kind === "vector" || (kind === "array" && shape.length < 2)) {
    return { ...spec, kind: "vector", shape: [sizeOf(shape) * count] };
  }
  return { ...spec, shape: [...shape, count], channels: true };
}

/** A transform in few words: "log", "oneHot(categories 3)". */
export function describeColumnTransform({ kind, ...settings }: ColumnTransform): string {
  const said = Object.entries(settings).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(", ") : String(value)}`,
  );
  return said.length === 0 ? kind : `${kind}(${said.join("; ")})`;
}

/**
 * What several arrays are as one, along their last axis: of grids, series and sets the channels, and else the numbers of all.
 *
 * @throws DataError where they have no axis in common.
 */
export function concatenatedSpec(name: string, parts: readonly ArraySpec[]): ArraySpec {
  const [first] = parts;
  if (first === undefined) throw new DataError(`"${name}" must be of one array at least`);
  const varies = parts.some((part) => part.varies);
  const missing = parts.some((part) => part.missing);
  if (parts.every(isFlat)) {
    const size = parts.reduce((total, { shape }) => total + sizeOf(shape), 0);
    return { kind: "vector", shape: [size], channels: false, varies, missing };
  }
  const inner = parts.map(({ shape, channels }) => (channels ? shape.slice(0, -1) : shape));
  const fits = parts.every(
    ({ kind }, i) => kind === first.kind && inner[i]?.join() === inner[0]?.join(),
  );
  if (!fits) {
    const all = parts.map((part) => `${part.kind} ${describeSizes(part)}`).join(", ");
    throw new DataError(
      `"${name}" cannot be of ${all}: concatenate arrays of one kind that differ in their channels alone`,
    );
  }
  const channels = parts.reduce(
    (total, { shape, channels: has }) => total + (has ? (shape.at(-1) ?? 1) : 1),
    0,
  );
  return {
    ...first,
    shape: [...(inner[0] ?? []), channels],
    channels: true,
    varies,
    missing,
  };
}

function isFlat({ kind, shape }: ArraySpec): boolean {
  return kind === "vector" || (kind === "array" && shape.length < 2);
}
