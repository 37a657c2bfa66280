/**
 * The linear trend of a method's parameters in its data, learned before any network.
 */
import { compile, input, type Runtime } from "@amortis/graph";
import { isFree, mayLack, type ArraySpecs } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { learnLinearTrend, MOST_FEATURES, type LinearTrend } from "../data/linear-trend.js";
import { learnTrendRest } from "../data/trend-rest.js";
import { learnWeightedTrend } from "../data/weighted-trend.js";
import { withoutOffsets, type Standardization } from "../data/standardization.js";
import { standardizeAll } from "../data/standardization-graph.js";
import type { Method } from "../methods/method.js";
import { flattenData } from "../networks/summary.js";
import type { SimulatedData } from "../simulation/index.js";
import { centredParameters, parametersSeen, prepareExamples, UNCONSTRAINED } from "./examples.js";
import { seenSpecs } from "../networks/transformation.js";

/** What the program gives; no array of a model has such a name. */
const FEATURES = "features of the data";

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
  const program = await compile(
    { name: "features", inputs, outputs: { [FEATURES]: features } },
    runtime,
  );
  const values = new Float32Array(sets.size * k);
  try {
    for (let start = 0; start < sets.size; start += ROWS) {
      const end = Math.min(start + ROWS, sets.size);
      const { [FEATURES]: part } = await program.run(sets.feeds(start, end));
      if (part?.data instanceof Float32Array) values.set(part.data, start * k);
    }
  } finally {
    await program.release();
  }
  return values;
}

/**
 * Learns the trend of the data in parameters [n, p], both as networks see them.
 *
 * @param sets the data as programs take them: without offsets where nothing transforms them.
 */
async function learnTrendOfData(
  sets: DataSets,
  specs: ArraySpecs,
  parameters: Float32Array,
  standardization: Standardization,
  runtime: Runtime,
): Promise<LinearTrend | undefined> {
  const targets = await featuresOf(sets, specs, standardization, runtime);
  if (targets === undefined || !targets.every(Number.isFinite)) return undefined;
  const { size } = sets;
  return learnLinearTrend(parameters, parameters.length / size, targets, targets.length / size);
}

/**
 * Learns the trend of unconstrained parameters [n, d], standardised.
 *
 * @param sets the data as programs take them: without offsets where nothing transforms them.
 */
async function learnTrend(
  sets: DataSets,
  specs: ArraySpecs,
  unconstrained: Float32Array,
  standardization: Standardization,
  runtime: Runtime,
  learn = learnLinearTrend,
): Promise<LinearTrend | undefined> {
  const features = await featuresOf(sets, specs, standardization, runtime);
  if (features === undefined) return undefined;
  const { size } = sets;
  const [k, d] = [features.length / size, unconstrained.length / size];
  const trend = learn(features, k, unconstrained, d);
  // What lacks is no rest.
  if (trend === undefined || Object.values(specs).some(mayLack)) return trend;
  const rest = learnTrendRest(features, k, trend);
  return rest === undefined ? trend : { ...trend, rest };
}

/** A standardisation with the linear trend that a method starts from, where there is one. */
export async function withTrend(
  method: Method,
  simulated: SimulatedData,
  transformed: DataSets,
  standardization: Standardization,
  runtime: Runtime,
): Promise<Standardization> {
  const specs = seenSpecs(method);
  // Data of any number of elements are no vector.
  if (Object.values(specs).some(isFree)) return standardization;
  const sets = method.transform ? transformed : withoutOffsets(transformed, standardization);
  if (method.trend === "data") {
    const seen = parametersSeen(method.model, simulated.parameters, standardization);
    const trend = await learnTrendOfData(sets, specs, seen, standardization, runtime);
    return { ...standardization, ...(trend && { trend }) };
  }
  const targets = trendTargets(method, simulated, transformed, standardization);
  if (targets === undefined) return standardization;
  const learn = method.trend === "weighted" ? learnWeightedTrend : learnLinearTrend;
  const trend = await learnTrend(sets, specs, targets, standardization, runtime, learn);
  return { ...standardization, ...(trend && { trend }) };
}

/** What a method wants the trend of, [n, d]. */
function trendTargets(
  method: Method,
  simulated: SimulatedData,
  transformed: DataSets,
  standardization: Standardization,
): Float32Array | undefined {
  const { trend = false, model } = method;
  if (typeof trend === "function") {
    return trend(centredParameters(model, simulated.parameters), standardization);
  }
  if (!trend) return undefined;
  const { [UNCONSTRAINED]: v } = prepareExamples(method, simulated, transformed, standardization);
  return v?.data instanceof Float32Array ? v.data : undefined;
}
