/**
 * The method's transform of the data, computed once for each simulation.
 */
import {
  compile,
  hostTensor,
  input,
  type HostTensor,
  type Named,
  type Program,
  type Runtime,
} from "@amortis/graph";
import type { Method } from "../methods/method.js";
import { sizeOf } from "../model/index.js";
import { transformedShapes } from "../networks/index.js";
import type { SimulatedData } from "../simulation/index.js";

/** Data sets that one call takes. */
const ROWS = 256;

/** Before the names of transformed arrays in the program. */
const OUTPUT = "transformed/";

/** Arrays of data sets by name, [n, ...shape]. */
export type DataArrays = Readonly<Record<string, HostTensor>>;

/** A compiled transform; of a method without one, nothing. */
export class Transformation {
  /** Shapes of the data that networks see. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly #rawShapes: Readonly<Record<string, readonly number[]>>;
  readonly #program: Program<Named, Named> | undefined;

  private constructor(
    shapes: Readonly<Record<string, readonly number[]>>,
    rawShapes: Readonly<Record<string, readonly number[]>>,
    program: Program<Named, Named> | undefined,
  ) {
    this.shapes = shapes;
    this.#rawShapes = rawShapes;
    this.#program = program;
  }

  /** Compiles it. */
  static async open({ model, transform }: Method, runtime: Runtime): Promise<Transformation> {
    const { dataShapes } = model;
    if (transform === undefined) return new Transformation(dataShapes, dataShapes, undefined);
    const inputs: Record<string, ReturnType<typeof input>> = {};
    for (const [name, shape] of Object.entries(dataShapes)) {
      inputs[name] = input(name, ["batch", ...shape]);
    }
    // Under names of their own: a transform may keep an array as it is, and a program's values have one name each.
    const outputs = Object.fromEntries(
      Object.entries(transform.apply(inputs)).map(([name, array]) => [OUTPUT + name, array]),
    );
    const program = await compile({ name: "transform", inputs, outputs }, runtime);
    return new Transformation(transformedShapes(dataShapes, transform), dataShapes, program);
  }

  /** Transformed data of all simulations. */
  async run({ data, size }: Pick<SimulatedData, "data" | "size">): Promise<DataArrays> {
    const part = (name: string, shape: readonly number[], start: number, end: number) =>
      hostTensor(
        data[name]?.subarray(start * sizeOf(shape), end * sizeOf(shape)) ?? new Float32Array(),
        [end - start, ...shape],
      );
    if (this.#program === undefined) {
      return mapShapes(this.#rawShapes, (name, shape) => part(name, shape, 0, size));
    }
    const results = mapShapes(this.shapes, (_, shape) => new Float32Array(size * sizeOf(shape)));
    for (let start = 0; start < size; start += ROWS) {
      const end = Math.min(start + ROWS, size);
      const feeds = mapShapes(this.#rawShapes, (name, shape) => part(name, shape, start, end));
      for (const [name, { data: values }] of Object.entries(await this.#program.run(feeds))) {
        if (!(values instanceof Float32Array)) {
          throw new TypeError(`the transformed array "${name}" must be float32`);
        }
        const own = name.slice(OUTPUT.length);
        results[own]?.set(values, start * sizeOf(this.shapes[own] ?? []));
      }
    }
    return mapShapes(this.shapes, (name, shape) =>
      hostTensor(results[name] ?? new Float32Array(), [size, ...shape]),
    );
  }

  async release(): Promise<void> {
    await this.#program?.release();
  }
}

function mapShapes<T>(
  shapes: Readonly<Record<string, readonly number[]>>,
  make: (name: string, shape: readonly number[]) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, make(name, shape)]),
  );
}
