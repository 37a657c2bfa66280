/**
 * Training examples: simulated data in the arrays that a training loop gathers its minibatches from.
 */
import { hostTensor, UnsupportedError, type HostTensor } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";
import type { Method } from "../methods/method.js";
import { parameterBijection } from "../methods/parameter-space.js";
import type { AnyModel } from "../model/index.js";
import type { SimulatedData } from "../simulation/index.js";
import {
  dataMoments,
  moments,
  type Moments,
  type Standardization,
} from "../data/standardization.js";
import type { DataArrays } from "./transformation.js";

/** Names of the parameter arrays among the examples. */
export const PARAMETERS = "parameters";
export const UNCONSTRAINED = "unconstrained";

/** The name under which a data array is fed, as simulated. */
export function dataName(name: string): string {
  return `data:${name}`;
}

/** The name under which a transformed array is fed. */
export function transformedName(name: string): string {
  return `transformed:${name}`;
}

function bijectionOf(model: AnyModel): Bijection | undefined {
  try {
    return parameterBijection(model);
  } catch (error) {
    // Discrete parameters have no unconstrained space; methods that need one say so themselves.
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
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

/** Learns location and scale from a training set and its transformed data. */
export function learnStandardization(
  model: AnyModel,
  { parameters }: SimulatedData,
  transformed: DataArrays,
): Standardization {
  const unconstrained = unconstrain(model, parameters);
  return {
    data: Object.fromEntries(
      Object.entries(transformed).map(([name, { data, shape }]) => [
        name,
        dataMoments(floats(data), shape.slice(1)),
      ]),
    ),
    parameters: moments(parameters, model.parameterSize, false),
    ...(unconstrained && {
      unconstrained: moments(unconstrained.values, unconstrained.size, false),
    }),
  };
}

function floats(data: HostTensor["data"]): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError("data are float32");
}

function standardizedRows(values: Float64Array, { mean, sd }: Moments): HostTensor {
  const size = mean.length;
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    result[i] = ((values[i] ?? 0) - (mean[i % size] ?? 0)) / (sd[i % size] ?? 1);
  }
  return hostTensor(result, [values.length / size, size]);
}

/** Arrays to train on: parameters standardised here, in double precision; data as they are, standardised in the graph. */
export function prepareExamples(
  { model, transform }: Pick<Method, "model" | "transform">,
  data: SimulatedData,
  transformed: DataArrays,
  standardization: Standardization,
): Readonly<Record<string, HostTensor>> {
  const examples: Record<string, HostTensor> = {
    [PARAMETERS]: standardizedRows(data.parameters, standardization.parameters),
  };
  const unconstrained = unconstrain(model, data.parameters);
  if (unconstrained !== undefined && standardization.unconstrained !== undefined) {
    examples[UNCONSTRAINED] = standardizedRows(unconstrained.values, standardization.unconstrained);
  }
  for (const [name, shape] of Object.entries(model.dataShapes)) {
    const values = data.data[name];
    if (values === undefined) throw new TypeError(`the simulated data lacks the array "${name}"`);
    examples[dataName(name)] = hostTensor(values, [data.size, ...shape]);
  }
  if (transform === undefined) return examples;
  for (const [name, array] of Object.entries(transformed)) examples[transformedName(name)] = array;
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
    data: Object.fromEntries(
      Object.entries(data.data).map(([name, values]) => {
        const size = (model.dataShapes[name] ?? []).reduce((a, b) => a * b, 1);
        return [name, values.subarray(start * size, end * size)];
      }),
    ),
  };
}
