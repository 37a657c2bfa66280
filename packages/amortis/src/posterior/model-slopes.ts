/**
 * Gradients of a model's own likelihood: its `logLikelihoodGradient`, on the host, or that of its `graphLogLikelihood`, which is differentiated and compiled when it is first asked.
 */
import {
  compile,
  expandDims,
  gradient,
  hostTensor,
  input,
  sum,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { graphSizes } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { presentRow } from "../data/elements.js";
import { byName } from "../methods/likelihood-source.js";
import type { AnyModel } from "../model/index.js";
import { defaultRuntime } from "../runtime.js";
import type { LogSlopes } from "./target.js";

/** @returns undefined where the model has neither, or only a graph and data of varying sizes. */
export function modelSlopes(model: AnyModel, data: DataSets): LogSlopes | undefined {
  if (model.logLikelihoodGradient !== undefined) return hostSlopes(model, data);
  const varies = Object.values(data.specs).some(({ size }) => size !== undefined);
  if (model.graphLogLikelihood === undefined || varies) return undefined;
  return graphSlopes(model, data);
}

function hostSlopes(model: AnyModel, data: DataSets): LogSlopes {
  const p = model.parameterSize;
  const sets = Array.from({ length: data.size }, (_, i) => presentRow(data, i));
  return (theta, start, end) => {
    const n = theta.length / p;
    const each = n / (end - start);
    const all = { value: new Float64Array(n), gradient: new Float64Array(n * p) };
    for (let i = 0; i < n; i++) {
      const flat = Float64Array.from(theta.subarray(i * p, (i + 1) * p));
      const set = sets[start + Math.floor(i / each)] ?? {};
      const inside = model.logPrior(flat) > -Infinity;
      const found = inside ? model.logLikelihoodGradient?.(model.unpack(flat), set) : undefined;
      all.value[i] = found?.value ?? -Infinity;
      if (found !== undefined) all.gradient.set(found.gradient, i * p);
    }
    return Promise.resolve(all);
  };
}

function graphSlopes(model: AnyModel, data: DataSets): LogSlopes {
  const p = model.parameterSize;
  let compiled: ReturnType<typeof compileSlope> | undefined;
  return async (theta, start, end) => {
    compiled ??= compileSlope(model, data);
    const program = await compiled;
    const each = theta.length / p / (end - start);
    const feeds = {
      ...data.feeds(start, end),
      theta: hostTensor(Float32Array.from(theta), [end - start, each, p]),
    };
    const found = await program.run(feeds);
    const numbers = (tensor: HostTensor | undefined) =>
      Float64Array.from(tensor?.data ?? [], Number);
    const [value, slope] = [numbers(found["value"]), numbers(found["gradient"])];
    for (let i = 0; i < value.length; i++) {
      if (model.logPrior(Float64Array.from(theta.subarray(i * p, (i + 1) * p))) > -Infinity)
        continue;
      value[i] = -Infinity;
      slope.fill(0, i * p, (i + 1) * p);
    }
    return { value, gradient: slope };
  };
}

/** The likelihood and its gradient, of data [batch, ...] and parameters [batch, draws, p]. */
async function compileSlope(model: AnyModel, data: DataSets) {
  const arrays = Object.fromEntries(
    Object.entries(data.specs).map(([name, spec]): [string, Tensor] => [
      name,
      input(name, ["batch", ...graphSizes(spec)]),
    ]),
  );
  const theta = input("theta", ["batch", "draws", model.parameterSize]);
  const rows = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, expandDims(array, 1)]),
  );
  const value = model.graphLogLikelihood?.(byName(model, theta), rows);
  if (value === undefined) throw new TypeError("the model has no graphLogLikelihood");
  const [slope = theta] = gradient(sum(value), [theta]);
  return compile(
    { inputs: { ...arrays, theta }, outputs: { value, gradient: slope } },
    await defaultRuntime(),
    { threads: 1 },
  );
}
