/**
 * Simulations as files that others read.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { strToU8 } from "fflate";
import type { ArrayData } from "../data/array-data.js";
import { writeBytes } from "../files/bytes.js";
import { columnsOf, encodeCsv } from "../files/frames.js";
import { encodeNpz } from "../files/npz.js";
import { encodeParquet } from "../files/parquet.js";
import type { AnyModel } from "../model/index.js";
import type { SimulatedData } from "./simulated-data.js";

/**
 * Writes simulations to a file, whole or not at all: .npz has an array [n, ...shape] for each parameter and each data array; .csv and .parquet have a column for
 * each number, named "beta[0]" and "z[0]", "z[1]", ... in row-major order. `readSimulations` reads all of them.
 *
 * @throws InvalidArgumentError where the name ends otherwise. FileError where it cannot be written.
 * @example await writeSimulations("field.parquet", field, await simulate(field, { simulations: 1_000, seed: 1 }));
 */
export async function writeSimulations(
  path: string,
  model: AnyModel,
  simulated: SimulatedData,
): Promise<void> {
  const extension = /\.([a-z]+)$/iu.exec(path)?.[1]?.toLowerCase();
  const arrays = arraysOf(model, simulated);
  switch (extension) {
    case "npz":
      return writeBytes(path, encodeNpz(arrays));
    case "csv":
      return writeBytes(path, strToU8(encodeCsv(columnsOf(arrays))));
    case "parquet":
      return writeBytes(path, await encodeParquet(columnsOf(arrays)));
    default:
      throw new InvalidArgumentError(
        `simulations are written as .npz, .csv or .parquet, but ${path} ends with none of these`,
      );
  }
}

type Arrays = Readonly<Record<string, ArrayData>>;

/** Parameters and data by name, [n, ...shape]. */
function arraysOf(model: AnyModel, { size, parameters, data }: SimulatedData): Arrays {
  const p = model.parameterSize;
  const theta = model.prior.slots.map(({ name, shape, offset, size: width }) => {
    const values = new Float64Array(size * width);
    for (let row = 0; row < size; row++) {
      const start = row * p + offset;
      values.set(parameters.subarray(start, start + width), row * width);
    }
    return [name, { shape: [size, ...shape], data: values }] as const;
  });
  const own = Object.entries(model.dataShapes).map(
    ([name, shape]) =>
      [name, { shape: [size, ...shape], data: data[name] ?? new Float64Array(0) }] as const,
  );
  return Object.fromEntries([...theta, ...own]);
}
