/**
 * Training examples: simulated data in the arrays that a training loop gathers its minibatches from.
 */
import { hostTensor, UnsupportedError, type HostTensor } from "@amortis/graph";
import { DataSets } from "../data/data-sets.js";
import { columnMoments, learnMoments, type Moments } from "../data/moments.js";
import { standardizeRows, withoutOffsets, type Standardization } from "../data/standardization.js";
import type { Bijection } from "../distributions/index.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import type { DataTransform } from "../networks/transform.js";
import type { SimulatedData } from "../simulation/index.js";

/** Names of the parameter arrays among the examples. */
export const PARAMETERS = "parameters";
export const UNCONSTRAINED = "unconstrained";
/** The parameters as networks see them, where that is not as they are standardised. */
export const SEEN = "parameters:seen";

/** The name under which a data array is fed, as simulated. */
export function dataName(name: string): string {
  return `data:${name}`;
}

/** The name under which a transformed array is fed. */
export function transformedName(name: string): string {
  return `transformed:${name}`;
}

/** The data of simulations as data sets. */
export function dataSetsOf({ dataSpecs }: AnyModel, { size, data }: SimulatedData): DataSets {
  return new DataSets(dataSpecs, size, data);
}

function bijectionOf(model: AnyModel): Bijection | undefined {
  try {
    return model.prior.centred.bijection;
  } catch (error) {
    // Discrete parameters have no unconstrained space; methods that need one say so themselves.
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

/** Parameters less what their prior sits on, [n, p]. */
export function centredParameters(
  { prior: { offset } }: AnyModel,
  parameters: Float64Array,
): Float64Array {
  if (offset === undefined) return parameters;
  return parameters.map((value, at) => value - (offset[at % offset.length] ?? 0));
}

/** All parameters in unconstrained space, [n, k], or undefined where they have none. */
function unconstrain(
  model: AnyModel,
  parameters: Float64Array,
): { readonly values: Float64Array; readonly size: number } | undefined {
  const bijection = bijectionOf(model);
  if (bijection === undefined) return undefined;
  const { size, unconstrainedSize } = bijection;
  const n = parameters.length / size;
  const values = new Float64Array(n * unconstrainedSize);
  for (let i = 0; i < n; i++) {
    values.set(
      bijection.inverse(parameters.subarray(i * size, (i + 1) * size)),
      i * unconstrainedSize,
    );
  }
  return { values, size: unconstrainedSize };
}

/**
 * Learns location and scale from a training set.
 *
 * @param seen the data as networks see them, after the method's transform, where there is one: it is given data as they are, so that no offset may be
 *   taken off before.
 */
export function learnStandardization(
  { model, transform }: Pick<Method, "model" | "transform">,
  simulated: SimulatedData,
  seen: DataSets,
): Standardization {
  const parameters = centredParameters(model, simulated.parameters);
  const unconstrained = unconstrain(model, parameters);
  const { offset } = model.prior;
  return {
    data: momentsOfAll(seen, transform === undefined, transform?.scalings),
    ...(transform !== undefined && { raw: rawMoments(dataSetsOf(model, simulated), transform) }),
    ...(transform?.columns && hasAny(transform.columns) && { columns: transform.columns }),
    parameters: {
      ...columnMoments(parameters, model.parameterSize),
      ...(offset && { offset }),
    },
    ...(unconstrained && {
      unconstrained: columnMoments(unconstrained.values, unconstrained.size),
    }),
  };
}

/** Moments of data as they are, but for those that networks do not see. */
function rawMoments(sets: DataSets, { columns = {} }: DataTransform): Standardization["data"] {
  const all = Object.entries(momentsOfAll(sets, false));
  return Object.fromEntries(all.filter(([name]) => columns[name]?.kind !== "drop"));
}

function hasAny(record: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(record).length > 0;
}

function momentsOfAll(
  sets: DataSets,
  offsets: boolean,
  scalings: DataTransform["scalings"] = {},
): Standardization["data"] {
  return Object.fromEntries(
    Object.entries(sets.specs).map(([name, spec]) => [
      name,
      learnMoments(sets.column(name), spec, offsets, scalings[name]),
    ]),
  );
}

function standardizedRows(values: Float64Array, moments: Moments): HostTensor {
  const size = moments.mean.length;
  return hostTensor(standardizeRows(values, moments), [values.length / size, size]);
}

/** By mean and standard deviation, whatever the tails. */
function linearRows(values: Float64Array, { mean, sd }: Moments): HostTensor {
  return standardizedRows(values, { mean, sd });
}

/** Parameters as networks see them, [n, p]. */
export function parametersSeen(
  model: AnyModel,
  parameters: Float64Array,
  { parameters: moments }: Pick<Standardization, "parameters">,
): Float32Array {
  return standardizeRows(centredParameters(model, parameters), moments);
}

/** Arrays to train on: parameters standardised here, in double precision; data as they are, standardised in the graph. */
export function prepareExamples(
  { model, transform }: Pick<Method, "model" | "transform">,
  simulated: SimulatedData,
  transformed: DataSets,
  standardization: Standardization,
): Readonly<Record<string, HostTensor>> {
  const parameters = centredParameters(model, simulated.parameters);
  const examples: Record<string, HostTensor> = {
    [PARAMETERS]: linearRows(parameters, standardization.parameters),
  };
  if (standardization.parameters.tails !== undefined) {
    const seen = parametersSeen(model, simulated.parameters, standardization);
    examples[SEEN] = hostTensor(seen, [simulated.size, model.parameterSize]);
  }
  const unconstrained = unconstrain(model, parameters);
  if (unconstrained !== undefined && standardization.unconstrained !== undefined) {
    examples[UNCONSTRAINED] = linearRows(unconstrained.values, standardization.unconstrained);
  }
  const raw = withoutOffsets(dataSetsOf(model, simulated), standardization).feeds();
  for (const [name, array] of Object.entries(raw)) examples[dataName(name)] = array;
  if (transform === undefined) return examples;
  for (const [name, array] of Object.entries(transformed.feeds())) {
    examples[transformedName(name)] = array;
  }
  return examples;
}

/** Rows [start, end) of simulated data, without copying. */
export function sliceData(
  model: AnyModel,
  data: SimulatedData,
  start: number,
  end: number,
): SimulatedData {
  const p = model.parameterSize;
  return {
    ...data,
    size: end - start,
    parameters: data.parameters.subarray(start * p, end * p),
    indices: data.indices.slice(start, end),
    data: dataSetsOf(model, data).slice(start, end).columns,
  };
}
