/**
 * The likelihood as a graph, and its gradients, against the host's in double precision.
 */
import { stream } from "amortis";
import { compile, defaultRuntime, gradient, hostTensor, input, sum } from "amortis/extend";
import { describe, expect, it } from "vitest";
import { exponentialField, logLikelihood } from "../src/field.js";
import {
  exactGraphLogLikelihood,
  gaussianField,
  graphLogLikelihood,
  logLikelihoodSlope,
} from "../src/index.js";

const random = stream("likelihoods");
const truths = [0.006, 0.02, 0.1, 0.3, 0.59];
const fields = truths.map((range) => exponentialField(range, random));
/** Ranges from end to end, closer where the likelihood bends. */
const ranges = Array.from({ length: 60 }, (_, i) => 0.005 * 120 ** (i / 59));

describe("logLikelihoodSlope", () => {
  it("agrees with the value, and with its differences", () => {
    for (const [i, field] of fields.entries()) {
      for (const range of [truths[i] ?? 0.1, 0.01, 0.2, 0.6]) {
        const { value, derivative } = logLikelihoodSlope(range, field);
        expect(value).toBeCloseTo(logLikelihood(range, field), 8);
        const h = 1e-5 * range;
        const difference =
          (logLikelihood(range + h, field) - logLikelihood(range - h, field)) / (2 * h);
        // A central difference of a value of size 1e3 loses 1e-13 / h relative to it.
        expect(Math.abs(derivative - difference)).toBeLessThan(1e-6 * Math.abs(difference) + 1e-3);
      }
    }
  });

  it("is flat where the field is white noise", () => {
    const [field = new Float64Array(256)] = fields;
    expect(logLikelihoodSlope(1e-200, field).derivative).toBe(0);
  });

  it("is the model's", () => {
    const [field = new Float64Array(256)] = fields;
    const given = gaussianField.logLikelihoodGradient?.({ range: 0.1 }, { z: field });
    expect(given?.gradient[0]).toBe(logLikelihoodSlope(0.1, field).derivative);
  });
});

describe.each([
  { name: "exact", logLikelihoodGraph: exactGraphLogLikelihood, error: 1e-11 },
  // The interpolation's own error; its derivative's is larger by the square of the degree, near the ends.
  { name: "interpolated", logLikelihoodGraph: graphLogLikelihood, error: 5e-6 },
])("the $name graph", ({ logLikelihoodGraph, error: own }) => {
  async function evaluate(dtype: "float32" | "float64") {
    const range = input("range", ["batch", "draws", 1], dtype);
    const z = input("z", ["batch", 1, 16, 16], dtype);
    const values = logLikelihoodGraph(range, z);
    expect(values.shape).toEqual(["batch", "draws"]);
    const [slopes = values] = gradient(sum(values), [range]);
    const program = await compile(
      { inputs: { range, z }, outputs: { values, slopes } },
      await defaultRuntime(),
    );
    const all = fields.flatMap(() => ranges);
    const rounded = fields.map((field) => Float64Array.from(Float32Array.from(field)));
    const flat = rounded.flatMap((field) => [...field]);
    const results = await program.run({
      range: hostTensor(all, [fields.length, ranges.length, 1], dtype),
      z: hostTensor(flat, [fields.length, 1, 16, 16], dtype),
    });
    await program.release();
    // Of the value, relative to 256 and to itself; of θ times the derivative, relative to 1 and to itself.
    let [value, slope] = [0, 0];
    for (const [i, field] of rounded.entries()) {
      for (const [j, theta] of ranges.entries()) {
        const exact = logLikelihoodSlope(dtype === "float32" ? Math.fround(theta) : theta, field);
        const at = i * ranges.length + j;
        const error = Math.abs(Number(results.values.data[at]) - exact.value);
        value = Math.max(value, error / (1 + Math.abs(exact.value) / 256));
        slope = Math.max(
          slope,
          (theta * Math.abs(Number(results.slopes.data[at]) - exact.derivative)) /
            (1 + Math.abs(theta * exact.derivative)),
        );
      }
    }
    return { value, slope };
  }

  it("agrees with the host in float32", async () => {
    const error = await evaluate("float32");
    expect(error.value).toBeLessThan(1e-3);
    expect(error.slope).toBeLessThan(1e-3);
  });

  it("agrees with the host in float64", async () => {
    const error = await evaluate("float64");
    expect(error.value).toBeLessThan(own);
    expect(error.slope).toBeLessThan(10 * own);
  });

  it("broadcasts and is differentiated twice", async () => {
    const range = input("range", [1, 1], "float64");
    const z = input("z", [2, 16, 16], "float64");
    const [slope = range] = gradient(sum(logLikelihoodGraph(range, z)), [range]);
    const [curvature = range] = gradient(sum(slope), [range]);
    const program = await compile(
      { inputs: { range, z }, outputs: { curvature } },
      await defaultRuntime(),
    );
    const [first = [], second = []] = fields.map((field) => [...field]);
    const theta = 0.1;
    const { curvature: found } = await program.run({
      range: Float64Array.of(theta),
      z: Float64Array.from([...first, ...second]),
    });
    await program.release();
    const h = 1e-5;
    const slopeAt = (at: number) =>
      [first, second].reduce((total, field) => total + logLikelihoodSlope(at, field).derivative, 0);
    const difference = (slopeAt(theta + h) - slopeAt(theta - h)) / (2 * h);
    expect(Math.abs(Number(found.data[0]) / difference - 1)).toBeLessThan(1e-4);
  });
});
