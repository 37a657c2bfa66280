import { input, Scope, Variables } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { grid, missing, series, set, vector } from "../../src/data/index.js";
import { mayLack, shapesOf, specsOf, type DataSpec } from "../../src/data/array-spec.js";
import { presenceName } from "../../src/data/standardization.js";
import {
  cnn,
  deepSet,
  defaultSummary,
  joinedSummary,
  keepData,
  mlpSummary,
  summaryNetworkFromJSON,
  transformedSpecs,
} from "../../src/networks/index.js";

/** Shape of the default summary of data, with indicators where values may be missing. */
function appliedTo(data: DataSpec): readonly unknown[] {
  const specs = specsOf(data);
  const inputs = Object.entries(shapesOf(specs)).flatMap(([name, shape]) => {
    const spec = specs[name];
    return [name, ...(spec !== undefined && mayLack(spec) ? [presenceName(name)] : [])].map(
      (each) => [each, input(each, ["batch", ...shape])],
    );
  });
  const scope = Scope.root(new Variables(), "inference");
  return defaultSummary(data).apply(scope, Object.fromEntries(inputs)).shape;
}

const fields = deepSet({ each: cnn(), join: true });
const same = deepSet({ join: true });

describe("the default summary", () => {
  test.each<[string, DataSpec, object]>([
    ["a plain grid", { z: [16, 16] }, cnn().describe() as object],
    ["two plain grids of one size", { z: [16, 16], mask: [16, 16] }, cnn().describe() as object],
    ["an image", { z: grid(8, 8, { channels: 3 }) }, cnn().describe() as object],
    ["a vector", { x: vector(10) }, mlpSummary().describe() as object],
    ["plain numbers", { x: [10], n: [] }, mlpSummary().describe() as object],
    ["a thin array", { x: [100, 2] }, mlpSummary().describe() as object],
    [
      "a long and narrow array, which is a series of channels",
      { x: [100, 4] },
      cnn({ series: true, kernel: 5, filters: [32, 64, 128] }).describe() as object,
    ],
    ["a set of any number of fields", { z: ["m", 16, 16] }, fields.describe() as object],
    ["numbers of the same elements", { s: ["n", 2], z: ["n"] }, same.describe() as object],
    ["a set", { y: set(20) }, deepSet().describe() as object],
    [
      "a series of channels, which is no grid",
      { x: series(100, { channels: 4 }) },
      cnn({ series: true, kernel: 5, filters: [32, 64, 128] }).describe() as object,
    ],
    [
      "a short series",
      { x: series(14) },
      cnn({ series: true, kernel: 5, filters: [64, 128] }).describe() as object,
    ],
    ["very few times", { x: series(3) }, mlpSummary().describe() as object],
  ])("of %s", (_, data, expected) => {
    expect(defaultSummary(data).describe()).toEqual(expected);
    expect(appliedTo(data)[0]).toBe("batch");
  });

  test("of several kinds joins theirs, each of what it is for", () => {
    const data = {
      z: grid(16, 16),
      age: [],
      trials: set({ upTo: 50 }, { of: 2 }),
      cases: missing(series({ upTo: 30 })),
      weather: series(30, { channels: 2 }),
      dose: [],
    };
    const network = defaultSummary(data);
    expect(network.describe()).toMatchObject({
      kind: "joinedSummary",
      parts: [
        { arrays: ["z"], network: { kind: "cnn" } },
        { arrays: ["age", "dose"], network: { kind: "mlpSummary" } },
        { arrays: ["trials"], network: { kind: "deepSet" } },
        { arrays: ["cases", "weather"], network: { kind: "cnn", series: true } },
      ],
    });
    expect(appliedTo(data)).toEqual(["batch", 64 + 32 + 32 + 64]);
    expect(summaryNetworkFromJSON(network.describe()).describe()).toEqual(network.describe());
  });

  test("of data behind a transform is by what it says of them", () => {
    const specs = specsOf({ y: set(20), x: series(10) });
    expect(defaultSummary(transformedSpecs(specs, keepData(["y"]))).kind).toBe("deepSet");
  });
});

test("a joined summary says which arrays it has and has not", () => {
  const scope = Scope.root(new Variables(), "inference");
  const x = input("x", ["batch", 3]);
  const of = (...arrays: readonly string[]) =>
    joinedSummary({ parts: [{ arrays, network: mlpSummary() }] });
  expect(() => of("y").apply(scope, { x })).toThrow(
    'no part sees the data array "x": name it in one',
  );
  expect(() => of("x", "y").apply(scope, { x })).toThrow('there is no data array "y"; there are x');
  expect(() => joinedSummary({ parts: [] })).toThrow("parts");
});
