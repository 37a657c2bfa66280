import { compile, gradient, input, Scope, sum, Variables, type Tensor } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { modulatedResidual, transformerField, type VectorField } from "../../src/networks/index.js";
import { stream } from "../../src/random/index.js";
import { largestDifference, normals, runtime } from "../densities/support.js";

const fields: readonly VectorField[] = [
  modulatedResidual({ width: 16, blocks: 2 }),
  transformerField({ width: 16, blocks: 2, heads: 2 }),
];

const [BATCH, DRAWS, D, K] = [3, 4, 2, 5];

/** Runs a field with weights of its own on inputs of the shapes of the feeds. */
async function run(
  field: VectorField,
  feeds: Readonly<Record<"u" | "times" | "context", ReturnType<typeof normals>>>,
  gain = 1,
) {
  const variables = new Variables();
  const scope = Scope.root(variables, "inference");
  const [u, times, context] = [feeds.u, feeds.times, feeds.context].map(({ shape }, i) =>
    input(["u", "times", "context"][i] ?? "", shape),
  ) as [Tensor, Tensor, Tensor];
  const f = field.apply(scope, u, times, context);
  const [du = u, dtimes = u] = gradient(sum(f), [u, times]);
  const weights = variables.initialize(stream(3)).map((w) => gain * w);
  const program = await compile(
    { inputs: { u, times, context }, outputs: { f, du, dtimes }, variables, weights },
    runtime,
  );
  const results = await program.run(feeds);
  await program.release();
  return results;
}

describe.each(fields.map((field) => [field.kind, field] as const))("%s", (_, field) => {
  const shared = {
    u: normals("u", [BATCH, DRAWS, D]),
    times: normals("times", [1, 1, 2]),
    context: normals("context", [BATCH, 1, K]),
  };

  test("takes contexts and times that broadcast as if they were repeated", async () => {
    const { data } = shared.context;
    const context = Float32Array.from({ length: BATCH * DRAWS * K }, (_value, i) =>
      Number(data[Math.floor(i / (DRAWS * K)) * K + (i % K)]),
    );
    const times = Float32Array.from({ length: BATCH * DRAWS * 2 }, (_value, i) =>
      Number(shared.times.data[i % 2]),
    );
    const repeated = {
      ...shared,
      times: { ...shared.times, shape: [BATCH, DRAWS, 2], data: times },
      context: { ...shared.context, shape: [BATCH, DRAWS, K], data: context },
    };
    const [a, b] = [await run(field, shared), await run(field, repeated)];
    expect(a.f.shape).toEqual([BATCH, DRAWS, D]);
    expect(largestDifference(a.f.data, b.f.data)).toBeLessThan(1e-5);
    expect(largestDifference(a.du.data, b.du.data)).toBeLessThan(1e-5);
  });

  test("begins near zero, and depends on the point and on the times", async () => {
    const start = await run(field, shared);
    expect(Math.max(...Array.from([...start.f.data], (v) => Math.abs(Number(v))))).toBeLessThan(
      0.3,
    );
    const wild = await run(field, shared, 3);
    for (const { data } of [wild.du, wild.dtimes]) {
      expect([...data].every((v) => Number.isFinite(Number(v)) && Number(v) !== 0)).toBe(true);
    }
  });
});
