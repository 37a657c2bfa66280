/**
 * Transforms of columns by name, as a transform of data.
 */
import {
  concat,
  InvalidArgumentError,
  reshape,
  split,
  type Named,
  type Tensor,
} from "@amortis/graph";
import type { ArraySpec, ArraySpecs } from "../data/array-spec.js";
import { restoreArray } from "../data/column-inverse.js";
import {
  columnTransformsSchema,
  type ColumnTransformInput,
  type ColumnTransforms,
} from "../data/column-transform.js";
import {
  concatenatedSpec,
  scalingOf,
  transformedSpec,
  type Scaling,
} from "../data/transformed-column.js";
import { transformArray } from "../data/column-graph.js";
import { sizeOf } from "../data/shape.js";
import type { Json } from "../json.js";
import { reads } from "../schema/schema.js";
import type { DataTransform } from "./transform.js";

/** The kind in descriptions. */
const KIND = "columns";

/** What a model says of its data. */
interface HasSpecs {
  readonly dataSpecs: ArraySpecs;
}

/**
 * The data with transforms of some of their arrays, each in the place of the map that networks see it by otherwise: by name, `log`, `logit`, `constrain`,
 * `standardize`, `linear`, `oneHot`, `drop`; a new name for several arrays as one, `concatenate`. The others stay as they are. They are part of the
 * estimator, which takes data as the model has them, in single precision.
 *
 * @param model whose data they are.
 * @param columns transforms by array; without settings, their names.
 * @returns whose `inverse` goes from such arrays back to the data, in graphs: for draws of data that are learned in this form.
 * @throws InvalidArgumentError where there is no such array or transform, or its settings cannot be; DataError where arrays do not concatenate.
 * @example
 * npe(survey, {
 *   transform: transformColumns(survey, {
 *     income: "log",
 *     share: "logit",
 *     site: { kind: "oneHot", categories: 5 },
 *     id: "drop",
 *     person: { kind: "concatenate", arrays: ["income", "site"] },
 *   }),
 * });
 */
export function transformColumns(
  { dataSpecs }: HasSpecs,
  columns: Readonly<Record<string, ColumnTransformInput>>,
): DataTransform {
  const reading = reads(columnTransformsSchema, columns);
  if (!reading.fits) {
    const { place, message } = reading.mismatch;
    throw new InvalidArgumentError(`columns: ${place} ${message}`);
  }
  const plan = planOf(dataSpecs, reading.value);
  return {
    kind: KIND,
    columns: plan.transforms,
    apply: (raw) => Object.fromEntries(plan.made.map((made) => [made.name, applied(made, raw)])),
    inverse: (arrays) =>
      Object.fromEntries(plan.made.flatMap((made) => restored(made, arrays[made.name]))),
    specs: () => Object.fromEntries(plan.made.map(({ name, spec }) => [name, spec])),
    scalings: Object.fromEntries(
      plan.made.flatMap(({ name, scaling }) => (scaling === undefined ? [] : [[name, scaling]])),
    ),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data, as files have it
    describe: () => ({ kind: KIND, columns: plan.transforms as Json }),
  };
}

/** Transforms of columns from a description in a file; undefined where it is of something else. */
export function columnsFromJSON(description: unknown, model: HasSpecs): DataTransform | undefined {
  if (typeof description !== "object" || description === null) return undefined;
  const { kind, columns } = description as { readonly kind?: unknown; readonly columns?: unknown };
  const reading = reads(columnTransformsSchema, columns);
  return kind === KIND && reading.fits ? transformColumns(model, reading.value) : undefined;
}

/** An array after its transform. */
interface Part {
  readonly from: string;
  readonly spec: ArraySpec;
  readonly scaling: Scaling | undefined;
  readonly transform: (x: Tensor) => Tensor;
  readonly restore: (y: Tensor) => Tensor;
}

/** An array that networks see: one, or several as one. */
interface Made {
  readonly name: string;
  readonly spec: ArraySpec;
  readonly scaling: Scaling | undefined;
  readonly parts: readonly Part[];
}

function planOf(
  specs: ArraySpecs,
  transforms: ColumnTransforms,
): { readonly transforms: ColumnTransforms; readonly made: readonly Made[] } {
  const joined = Object.entries(transforms).flatMap(([name, transform]) =>
    transform.kind === "concatenate" ? [{ name, arrays: transform.arrays }] : [],
  );
  const used = new Set(joined.flatMap(({ arrays }) => arrays));
  refuseUnknown(specs, transforms, [...used]);
  const taken = joined.find(({ name }) => Object.hasOwn(specs, name) && !used.has(name));
  if (taken !== undefined) {
    throw new InvalidArgumentError(
      `columns: there is a data array "${taken.name}" already: concatenate others under another name`,
    );
  }
  const part = (name: string, spec: ArraySpec): Part => {
    const own = transforms[name];
    if (own === undefined || own.kind === "concatenate") {
      return { from: name, spec, scaling: undefined, transform: (x) => x, restore: (y) => y };
    }
    if (own.kind === "standardize") refuseOtherSizes(name, spec, own);
    return {
      from: name,
      spec: transformedSpec(spec, own),
      scaling: scalingOf(own),
      transform: (x) => transformArray(x, spec, own),
      restore: (y) => restoreArray(y, spec, own),
    };
  };
  const alone = Object.entries(specs).flatMap(([name, spec]): Made[] => {
    if (used.has(name) || transforms[name]?.kind === "drop") return [];
    const { spec: after, scaling, ...rest } = part(name, spec);
    return [{ name, spec: after, scaling, parts: [{ spec: after, scaling, ...rest }] }];
  });
  const together = joined.map(({ name, arrays }): Made => {
    const parts = arrays.flatMap((array) => {
      const spec = specs[array];
      return spec === undefined ? [] : [part(array, spec)];
    });
    const spec = concatenatedSpec(
      name,
      parts.map((each) => each.spec),
    );
    return { name, spec, scaling: togetherScaled(parts), parts };
  });
  const made = [...alone, ...together];
  if (made.length === 0) throw new InvalidArgumentError("columns: all of the data are dropped");
  return { transforms, made };
}

/** As they are where all have their scale, and found for each where none has a transform. */
function togetherScaled(parts: readonly Part[]): Scaling | undefined {
  if (parts.every(({ scaling }) => scaling === "given")) return "given";
  return parts.some(({ scaling }) => scaling !== undefined) ? "linear" : undefined;
}

/** Lists of means and standard deviations are over the last axis. */
function refuseOtherSizes(
  name: string,
  { shape }: ArraySpec,
  {
    mean,
    sd,
  }: { readonly mean: number | readonly number[]; readonly sd: number | readonly number[] },
): void {
  const size = shape.at(-1) ?? 1;
  const other = [mean, sd].flatMap((list) =>
    typeof list === "number" || list.length === size ? [] : [list.length],
  );
  if (other.length === 0) return;
  throw new InvalidArgumentError(
    `columns: "${name}" has ${size} entries along its last axis, but standardize gives ${other[0]}: give one number, or one of each`,
  );
}

function refuseUnknown(
  specs: ArraySpecs,
  transforms: ColumnTransforms,
  concatenated: readonly string[],
): void {
  const named = Object.entries(transforms).flatMap(([name, { kind }]) =>
    kind === "concatenate" ? [] : [name],
  );
  const unknown = [...named, ...concatenated].find((name) => !Object.hasOwn(specs, name));
  if (unknown === undefined) return;
  throw new InvalidArgumentError(
    `columns: there is no data array "${unknown}"; there are ${Object.keys(specs).join(", ")}`,
  );
}

/** The arrays that one is made of, by name. */
function restored(
  { name, spec, parts }: Made,
  made: Tensor | undefined,
): readonly (readonly [string, Tensor])[] {
  if (made === undefined) {
    throw new InvalidArgumentError(`columns: there is no array "${name}" to be restored`);
  }
  const outer = sizeOf(spec.shape.slice(0, -1));
  const widths = parts.map((part) => sizeOf(part.spec.shape) / outer);
  const arrays = parts.length === 1 ? [made] : split(made, widths, -1);
  return parts.flatMap((part, i) => {
    const array = arrays[i];
    return array === undefined
      ? []
      : [[part.from, part.restore(inShape(array, part.spec.shape))] as const];
  });
}

function applied({ spec, parts }: Made, raw: Named): Tensor {
  const arrays = parts.map(({ from, transform }) => {
    const array = raw[from];
    if (array !== undefined) return transform(array);
    throw new InvalidArgumentError(
      `columns: there is no data array "${from}"; there are ${Object.keys(raw).join(", ")}`,
    );
  });
  const [one, ...others] = arrays;
  if (one !== undefined && others.length === 0) return inShape(one, spec.shape);
  const outer = spec.shape.slice(0, -1);
  return concat(
    arrays.map((array, i) => {
      const size = sizeOf(parts[i]?.spec.shape ?? []);
      return inShape(array, [...outer, size / sizeOf(outer)]);
    }),
    -1,
  );
}

function inShape(x: Tensor, shape: readonly number[]): Tensor {
  const [batch = 1] = x.shape;
  return reshape(x, [batch, ...shape]);
}
