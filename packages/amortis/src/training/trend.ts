/**
 * The linear trend of a method's parameters in its data, learned before any network.
 */
import { compile, input, type Runtime } from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { learnLinearTrend, MOST_FEATURES, type LinearTrend } from "../data/linear-trend.js";
import { standardizeAll, type Standardization } from "../data/standardization.js";
import { flattenData } from "../networks/summary.js";

/** Data sets that one call takes. */
const ROWS = 1024;

/** The data that networks see as vectors, standardised as they see them: [n, k]; undefined where they are too long for a trend. */
async function featuresOf(
  sets: DataSets,
  specs: ArraySpecs,
  standardization: Standardization,
  runtime: Runtime,
): Promise<Float32Array | undefined> {
  const inputs = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [name, input(name, ["batch", ...shape])]),
  );
  const features = flattenData(standardizeAll(inputs, standardization, specs));
  const k = Number(features.shape.at(-1));
  if (k > MOST_FEATURES) return undefined;
  const program = await compile({ name: "features", inputs, outputs: { features } }, runtime);
  const values = new Float32Array(sets.size * k);
  try {
    for (let start = 0; start < sets.size; start += ROWS) {
      const end = Math.min(start + ROWS, sets.size);
      const { features: part } = await program.run(sets.feeds(start, end));
      if (part?.data instanceof Float32Array) values.set(part.data, start * k);
    }
  } finally {
    await program.release();
  }
  return values;
}

/**
 * Learns the trend of unconstrained parameters [n, d], standardised.
 *
 * @param sets the data as programs take them: without offsets where nothing transforms them.
 */
export async function learnTrend(
  sets: DataSets,
  specs: ArraySpecs,
  unconstrained: Float32Array,
  standardization: Standardization,
  runtime: Runtime,
): Promise<LinearTrend | undefined> {
  const features = await featuresOf(sets, specs, standardization, runtime);
  if (features === undefined) return undefined;
  const { size } = sets;
  return learnLinearTrend(
    features,
    features.length / size,
    unconstrained,
    unconstrained.length / size,
  );
}
