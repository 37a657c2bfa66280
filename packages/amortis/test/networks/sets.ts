/**
 * Sets as networks see them, and what a network makes of them.
 */
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
import { expect } from "vitest";
import { presenceName } from "../../src/data/standardization.js";
import type { SummaryNetwork } from "../../src/networks/index.js";
import { stream } from "../../src/random/index.js";
import { numbersOf } from "../densities/support.js";

const runtime = nodeRuntime({ threads: 1 });

export type Feeds = Readonly<Record<string, HostTensor>>;

/** What a graph of a network's summary gives, with its initial weights; with `free`, written for any number of elements. */
export async function evaluate(
  feeds: Feeds,
  network: SummaryNetwork,
  build: (summary: Tensor, inputs: Readonly<Record<string, Tensor>>) => Tensor = (y) => y,
  free = false,
): Promise<readonly number[]> {
  const variables = new Variables();
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape }]) => [
      name,
      input(name, free ? [shape[0] ?? 1, "n", ...shape.slice(2)] : shape),
    ]),
  );
  const summary = build(network.apply(Scope.root(variables, "inference"), inputs), inputs);
  const weights = variables.initialize(stream(3));
  const program = await compile({ inputs, outputs: { summary }, variables, weights }, runtime);
  const { data } = (await program.run(feeds)).summary;
  await program.release();
  return [...numbersOf(data)];
}

export function elements(batch: number, n: number, d: number): HostTensor {
  const values = new Float32Array(batch * n * d);
  stream(8).fillNormal(values);
  return hostTensor(values, [batch, n, d]);
}

/** Elements of each data set in another order, whole elements at once. */
export function reordered({ data, shape }: HostTensor, order: readonly number[]): HostTensor {
  const [batch = 1, n = 1, d = 1] = shape;
  const values = Float32Array.from({ length: batch * n * d }, (_, i) => {
    const [set, at] = [Math.floor(i / (n * d)), i % (n * d)];
    return Number(data[set * n * d + (order[Math.floor(at / d)] ?? 0) * d + (at % d)]);
  });
  return hostTensor(values, shape);
}

/** The first elements of each set, and room for others that are not there, filled with anything. */
export function padded({ data, shape }: HostTensor, upTo: number, name: string): Feeds {
  const [batch = 1, n = 1, d = 1] = shape;
  const there = (i: number): boolean => Math.floor((i % (upTo * d)) / d) < n;
  const from = (i: number): number => Math.floor(i / (upTo * d)) * n * d + (i % (upTo * d));
  const indices = Array.from({ length: batch * upTo * d }, (_, i) => i);
  return {
    [name]: hostTensor(
      Float32Array.from(indices, (i) => (there(i) ? Number(data[from(i)]) : 17)),
      [batch, upTo, d],
    ),
    [presenceName(name)]: hostTensor(
      Float32Array.from(indices, (i) => (there(i) ? 1 : 0)),
      [batch, upTo, d],
    ),
  };
}

/** Largest difference between two lists. */
export function distance(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(...found.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN))));
}
