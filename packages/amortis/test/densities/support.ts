/** A density with weights of its own, to be evaluated and drawn from. */
import {
  compile,
  hostTensor,
  input,
  Scope,
  Variables,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import type { ConditionalDensity } from "../../src/densities/index.js";
import { stream } from "../../src/random/index.js";

export const runtime = nodeRuntime({ threads: 1 });

/** Variables of a density for d dimensions and k of context, far from where training begins. */
export function wildWeights(density: ConditionalDensity, d: number, k: number) {
  const variables = new Variables();
  const scope = Scope.root(variables, "inference");
  density.logDensity(scope, input("u", [1, d]), input("context", [1, k]));
  const weights = variables.initialize(stream(11));
  let offset = 0;
  for (const { name, size } of variables.entries) {
    // The last layers begin near zero: there is little to see.
    if (name.endsWith("output/weight")) {
      for (let i = 0; i < size; i++) weights[offset + i] = 30 * (weights[offset + i] ?? 0);
    }
    // Linear maps between layers begin at the identity.
    if (name.endsWith("factors")) {
      const random = stream(12).split(name);
      for (let i = 0; i < size; i++) weights[offset + i] = 0.4 * random.normal();
    }
    offset += size;
  }
  return { variables, weights, scope };
}

type Feeds = Readonly<Record<string, HostTensor>>;

/** Builds a graph of inputs with the shapes of the feeds in the scope of given weights, and runs it. */
export async function evaluate(
  { variables, weights, scope }: ReturnType<typeof wildWeights>,
  feeds: Feeds,
  build: (scope: Scope, of: (name: string) => Tensor) => Readonly<Record<string, Tensor>>,
): Promise<(name: string) => Float32Array> {
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)]),
  );
  const of = (name: string): Tensor => {
    const tensor = inputs[name];
    if (tensor === undefined) throw new TypeError(`"${name}" is not fed`);
    return tensor;
  };
  const program = await compile({ inputs, outputs: build(scope, of), variables, weights }, runtime);
  const results: Readonly<Record<string, HostTensor>> = await program.run(feeds);
  await program.release();
  return (name) => {
    const data = results[name]?.data;
    if (!(data instanceof Float32Array)) throw new TypeError(`"${name}" is not a float32 result`);
    return data;
  };
}

/** Draws from given base noise. */
export function sampleOf(
  density: ConditionalDensity,
  d: number,
  scope: Scope,
  of: (name: string) => Tensor,
): Tensor {
  const uniform = density.noise(d).uniform > 0 && { uniform: of("uniform") };
  return density.sample(scope, { normal: of("normal"), ...uniform }, of("context"));
}

/** Standard normal values of a shape. */
export function normals(seed: string, shape: readonly number[], sd = 1): HostTensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  stream(5).split(seed).fillNormal(values);
  return hostTensor(
    values.map((v) => sd * v),
    shape,
  );
}

/** Uniform values of a shape. */
export function uniforms(seed: string, shape: readonly number[]): HostTensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  stream(5).split(seed).fillUniform(values);
  return hostTensor(values, shape);
}

/** One row repeated. */
export function repeated(row: readonly number[], times: number): HostTensor {
  const values = Float32Array.from(
    { length: times * row.length },
    (_, i) => row[i % row.length] ?? 0,
  );
  return hostTensor(values, [times, row.length]);
}

/** Base noise for n draws. */
export function noiseFor(
  density: ConditionalDensity,
  d: number,
  lead: readonly number[],
): Feeds & { readonly normal: HostTensor } {
  const { normal, uniform } = density.noise(d);
  return {
    normal: normals("normal", [...lead, normal]),
    ...(uniform > 0 && { uniform: uniforms("uniform", [...lead, uniform]) }),
  };
}

/** Values as plain numbers. */
export function numbersOf(data: ArrayLike<number | bigint>): Float64Array {
  return Float64Array.from({ length: data.length }, (_, i) => Number(data[i]));
}

/** Largest |a - b|; infinite where lengths differ or something is not a number. */
export function largestDifference(
  a: ArrayLike<number | bigint>,
  b: ArrayLike<number | bigint>,
): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    if (Number.isNaN(difference)) return Infinity;
    largest = Math.max(largest, difference);
  }
  return largest;
}
