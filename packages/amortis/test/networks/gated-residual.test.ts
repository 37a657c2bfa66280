import { compile, input, Scope, Variables } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import {
  gatedResidual,
  gatedResidualSummary,
  networkFromJSON,
  summaryNetworkFromJSON,
} from "../../src/networks/index.js";

test("is what its formula says", async () => {
  const variables = new Variables();
  const x = input("x", [1, 1]);
  const network = gatedResidual({ width: 1, blocks: 1, activation: "relu" });
  const y = network.apply(Scope.root(variables, "inference"), x, 1);
  expect(variables.entries.map(({ name }) => name)).toEqual([
    "input/weight",
    "input/bias",
    "block0/first/weight",
    "block0/first/bias",
    "block0/second/weight",
    "block0/second/bias",
    "output/weight",
    "output/bias",
  ]);
  const weights = Float32Array.of(2, 1, 0.5, -0.25, 3, -1, 0.5, 0.2, 4, 0.1);
  const program = await compile(
    { inputs: { x }, outputs: { y }, variables, weights },
    nodeRuntime(),
  );
  const h = 2 * 0.3 + 1;
  const a = Math.max(0, 0.5 * h - 0.25);
  const added = (3 * a + 0.5) / (1 + Math.exp(-(-a + 0.2)));
  expect((await program.run({ x: [0.3] })).y.data[0]).toBeCloseTo(4 * (h + added) + 0.1, 5);
  await program.release();
});

test("comes back from files, as a network and as a summary", () => {
  const network = gatedResidual({ blocks: 3 });
  expect(networkFromJSON(network.describe()).describe()).toEqual(network.describe());
  const summary = gatedResidualSummary({ outputs: 5, width: 16 });
  expect(summaryNetworkFromJSON(summary.describe()).describe()).toEqual(summary.describe());
  expect(() => gatedResidual({ width: 0 })).toThrow("width must be at least 1");
});
