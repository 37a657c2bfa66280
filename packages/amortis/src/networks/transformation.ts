/**
 * The method's transform of the data, computed once for each simulation.
 */
import { compile, input, type Named, type Program, type Runtime } from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import { requireTransformable, type ColumnTransforms } from "../data/column-transform.js";
import { DataSets } from "../data/data-sets.js";
import type { AnyModel } from "../model/index.js";
import { transformedSpecs, type DataTransform } from "./transform.js";

/** Data sets that one call takes. */
const ROWS = 256;

/** Before the names of transformed arrays in the program. */
const OUTPUT = "transformed/";

/** What has a transform of its model's data, perhaps: a method. */
export interface Transforming {
  readonly model: Pick<AnyModel, "dataSpecs" | "dataShapes">;
  readonly transform?: DataTransform;
}

/** A compiled transform; of a method without one, nothing. */
export class Transformation {
  /** The data that networks see. */
  readonly specs: ArraySpecs;
  readonly #program: Program<Named, Named> | undefined;
  readonly #columns: ColumnTransforms;

  private constructor(
    specs: ArraySpecs,
    program: Program<Named, Named> | undefined,
    columns: ColumnTransforms = {},
  ) {
    this.specs = specs;
    this.#program = program;
    this.#columns = columns;
  }

  /** Compiles it. */
  static async open(method: Transforming, runtime: Runtime): Promise<Transformation> {
    const { model, transform } = method;
    const specs = seenSpecs(method);
    if (transform === undefined) return new Transformation(specs, undefined);
    const inputs = Object.fromEntries(
      Object.entries(model.dataShapes).map(([name, shape]) => [
        name,
        input(name, ["batch", ...shape]),
      ]),
    );
    // Under names of their own: a transform may keep an array as it is, and a program's values have one name each.
    const outputs = Object.fromEntries(
      Object.entries(transform.apply(inputs)).map(([name, array]) => [OUTPUT + name, array]),
    );
    const program = await compile({ name: "transform", inputs, outputs }, runtime);
    return new Transformation(specs, program, transform.columns);
  }

  /**
   * Transformed data of all data sets.
   *
   * @throws DataError where a value is not one that the transform of its column takes.
   */
  async run(data: DataSets): Promise<DataSets> {
    if (this.#program === undefined) return data;
    requireTransformable(data, this.#columns, "simulation");
    const results = DataSets.allocate(this.specs, data.size, "float32");
    for (let start = 0; start < data.size; start += ROWS) {
      const end = Math.min(start + ROWS, data.size);
      const outputs = Object.entries(await this.#program.run(data.feeds(start, end)));
      const columns = outputs.map(([name, { data: values }]) => {
        if (values instanceof Float32Array) return [name.slice(OUTPUT.length), values] as const;
        throw new TypeError(`the transformed array "${name}" must be float32`);
      });
      results.place(start, new DataSets(this.specs, end - start, Object.fromEntries(columns)));
    }
    return results;
  }

  async release(): Promise<void> {
    await this.#program?.release();
  }
}

/** The data that a method's networks see: its model's, or what its transform makes of them. */
export function seenSpecs({ model, transform }: Transforming): ArraySpecs {
  return transformedSpecs(model.dataSpecs, transform);
}
