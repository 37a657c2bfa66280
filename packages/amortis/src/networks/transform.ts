/**
 * Transforms of data: fixed operations that come before all networks.
 *
 * A transform puts summary statistics in the place of the data, or beside them: written by an expert, or learned before and frozen.
 * Nothing in it is trained, so that training computes it once for each simulation; it is part of the estimator's programs, which
 * go on taking the data as they are.
 */
import { input, InvalidArgumentError, type Named, type Tensor } from "@amortis/graph";
import type { Json } from "../json.js";
import { slot } from "../settings/settings.js";
import {
  shapesOf,
  specsOf,
  type ArraySpec,
  type ArraySpecs,
  type DataSpec,
} from "../data/array-spec.js";
import type { ColumnTransforms } from "../data/column-transform.js";
import type { Scaling } from "../data/transformed-column.js";

/** Fixed operations on named data. */
export interface DataTransform {
  readonly kind: string;
  /** Raw data [batch, ...shape] to the arrays that networks see in their place, [batch, ...]. */
  apply(raw: Named): Named;
  /** From what `apply` made, or something like it, back to the raw data; those that it drops are left out. Undefined where that cannot be. */
  readonly inverse?: (made: Named) => Named;
  /** What is known of the arrays it makes beyond their sizes. */
  specs?(raw: ArraySpecs): ArraySpecs;
  /** Transforms that users ask for of columns of the data, which take some values only. */
  readonly columns?: ColumnTransforms;
  /** How the arrays it makes are scaled, where that is not found as ever. */
  readonly scalings?: Readonly<Record<string, Scaling>>;
  /** What it is, for people and files. */
  describe(): Json;
}

/** A setting that is a transform. */
export const transformSlot = slot<DataTransform>(
  "transform",
  "a transform of data, such as expertSummary(...)",
);

/**
 * A summary statistic, written as graph operations.
 *
 * @param model whose data it summarises.
 * @param name of the array it makes.
 * @param size its length k.
 * @param summarize raw data, [batch, ...shape] each, to [batch, k].
 * @throws InvalidArgumentError where it makes another shape, or is given the data of another model.
 * @example
 * const roughness = expertSummary(field, "roughness", 1, ({ z }) => mean(square(differences(z)), { axes: [1] }));
 * npe(field, { transform: roughness });
 */
export function expertSummary<D extends DataSpec>(
  model: { readonly data: D },
  name: string,
  size: number,
  summarize: (raw: Readonly<Record<keyof D, Tensor>>) => Tensor,
): DataTransform {
  return {
    kind: "expertSummary",
    apply: (raw) => {
      const names = Object.keys(model.data);
      const missing = names.find((key) => raw[key] === undefined);
      if (missing !== undefined) {
        throw new InvalidArgumentError(
          `expertSummary "${name}" is of a model with data ${names.join(", ")}, but is given ${Object.keys(raw).join(", ")}`,
        );
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no name of D is missing
      const summary = summarize(raw as Readonly<Record<keyof D, Tensor>>);
      if (summary.rank !== 2 || summary.shape[1] !== size) {
        throw new InvalidArgumentError(
          `expertSummary "${name}" should be [batch, ${size}], but its operations give [${summary.shape.join(", ")}]`,
        );
      }
      return { [name]: summary };
    },
    describe: () => ({ kind: "expertSummary", name, size }),
  };
}

/**
 * The data themselves, to be joined with summaries of them.
 *
 * @param names which arrays; all where left out.
 * @throws InvalidArgumentError where there is no such array.
 */
export function keepData(names?: readonly string[]): DataTransform {
  const kept = <T extends Tensor | ArraySpec>(raw: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      (names ?? Object.keys(raw)).map((name) => {
        const array = raw[name];
        if (array !== undefined) return [name, array];
        throw new InvalidArgumentError(
          `keepData: there is no data array "${name}"; there are ${Object.keys(raw).join(", ")}`,
        );
      }),
    );
  return {
    kind: "keepData",
    apply: kept,
    specs: kept,
    describe: () => ({ kind: "keepData", ...(names && { names: [...names] }) }),
  };
}

/**
 * The arrays of several transforms together.
 *
 * @throws InvalidArgumentError where two make arrays of one name.
 * @example npe(field, { transform: joinTransforms(learned.transform(), roughness), summary: mlpSummary() })
 */
export function joinTransforms(...transforms: readonly DataTransform[]): DataTransform {
  return {
    kind: "joinTransforms",
    apply: (raw) => {
      const all: Record<string, Tensor> = {};
      for (const [name, array] of transforms.flatMap((each) => Object.entries(each.apply(raw)))) {
        if (Object.hasOwn(all, name)) {
          throw new InvalidArgumentError(
            `joinTransforms: two of them make an array "${name}"; give them different names`,
          );
        }
        all[name] = array;
      }
      return all;
    },
    specs: (raw) => merged(transforms.map((each) => each.specs?.(raw))),
    columns: merged(transforms.map((each) => each.columns)),
    scalings: merged(transforms.map((each) => each.scalings)),
    describe: () => ({
      kind: "joinTransforms",
      transforms: transforms.map((each) => each.describe()),
    }),
  };
}

function merged<T>(
  records: readonly (Readonly<Record<string, T>> | undefined)[],
): Readonly<Record<string, T>> {
  return Object.fromEntries(records.flatMap((record) => Object.entries(record ?? {})));
}

/** Shapes of the data after a transform, by name. */
export function transformedShapes(
  shapes: Readonly<Record<string, readonly number[]>>,
  transform: DataTransform | undefined,
): Readonly<Record<string, readonly number[]>> {
  if (transform === undefined) return shapes;
  const raw = Object.entries(shapes).map(([name, shape]) => [
    name,
    input(name, ["batch", ...shape]),
  ]);
  const transformed: Named = transform.apply(Object.fromEntries(raw) as Named);
  return Object.fromEntries(
    Object.entries(transformed).map(([name, { shape }]) => [name, shape.slice(1).map(Number)]),
  );
}

/** What the arrays are after a transform, by name. */
export function transformedSpecs(
  specs: ArraySpecs,
  transform: DataTransform | undefined,
): ArraySpecs {
  if (transform === undefined) return specs;
  return {
    ...specsOf(transformedShapes(shapesOf(specs), transform)),
    ...transform.specs?.(specs),
  };
}
