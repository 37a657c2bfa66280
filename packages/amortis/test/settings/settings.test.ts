import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Json } from "../../src/json.js";
import { densityRooms } from "../../src/densities/from-json.js";
import {
  affineCoupling,
  augmented,
  cnn,
  gaussian,
  gaussianMixture,
  linearSummary,
  mlp,
  mlpSummary,
  rawSummary,
  splineCoupling,
} from "../../src/index.js";
import { densityFromJSON, networkFromJSON, summaryNetworkFromJSON } from "../../src/extend.js";
import { make, partsOf, readPart, type Part } from "../../src/settings/parts.js";
import { Settings, slot } from "../../src/settings/settings.js";

interface Tube {
  readonly length: number;
  readonly lining: string;
  readonly inner?: Tube | undefined;
  describe(): Json;
}

/** Of a kind of part that first had a length alone; a lining came later, and an inner tube. */
const settings = new Settings(
  "network",
  "tube",
  z.strictObject({
    length: z.int().min(1).default(2),
    lining: z.enum(["none", "silk"]).default("silk"),
    inner: slot<Tube>("network", "a tube").optional(),
  }),
  { before: { lining: "none" } },
);

function tube(options: z.input<typeof settings.schema> = {}): Tube {
  const resolved = settings.resolve(options);
  return { ...resolved, describe: () => settings.describe(resolved) };
}
tube.settings = settings;

const rooms = { network: partsOf<Tube>("network", { tube, other: 3 }) };
const read = (json: unknown): Tube => readPart(rooms, rooms.network, json);

describe("an option that came later", () => {
  test("has its default in new parts, and its value from before in old descriptions", () => {
    expect(tube().lining).toBe("silk");
    expect(read({ kind: "tube", length: 5 })).toMatchObject({ length: 5, lining: "none" });
    expect(read({ kind: "tube", length: 5, lining: "silk" }).lining).toBe("silk");
  });

  test("is left out of descriptions where it is as it was before, so that those stay the same", () => {
    expect(tube({ length: 5, lining: "none" }).describe()).toEqual({ kind: "tube", length: 5 });
    expect(tube({ length: 5 }).describe()).toEqual({ kind: "tube", length: 5, lining: "silk" });
  });

  test("is so in parts of parts", () => {
    const nested = tube({ inner: tube({ lining: "none" }) });
    const description = {
      kind: "tube",
      length: 2,
      lining: "silk",
      inner: { kind: "tube", length: 2 },
    };
    expect(nested.describe()).toEqual(description);
    expect(read(description).inner?.lining).toBe("none");
  });
});

describe("files", () => {
  test("say everything that has always been there, and nothing that is not known", () => {
    expect(() => read({ kind: "tube" })).toThrow("length must be a number, but is not given");
    expect(() => read({ kind: "tube", length: 1, colour: "red" })).toThrow("no setting");
    expect(() => read({ kind: "tube", length: 1, inner: { kind: "tube", length: 0 } })).toThrow(
      "inner.length must be at least 1, but is 0",
    );
    expect(() => read({ kind: "pipe" })).toThrow('must be of one of the kinds tube, but is "pipe"');
    expect(() => read("anything")).toThrow("one of the kinds");
    expect(() => read(null)).toThrow("has no kind");
  });

  const networks = [mlp(), mlp({ hidden: [], normalization: "layer", dropout: 0.1 })];
  test.each(networks.map((network) => [network]))("bring back every network", (network) => {
    expect(networkFromJSON(network.describe()).describe()).toEqual(network.describe());
  });

  const summaries = [
    cnn({ filters: [3], pooling: "average", series: true }),
    mlpSummary({ outputs: 3, residual: true }),
    rawSummary(),
    linearSummary(augmented(cnn(), ["negate"]), 2),
  ];
  test.each(summaries.map((summary) => [summary]))("bring back every summary", (summary) => {
    expect(summaryNetworkFromJSON(summary.describe()).describe()).toEqual(summary.describe());
  });

  const densities = [
    gaussian({ covariance: "diagonal" }),
    gaussianMixture({ components: 3 }),
    affineCoupling({ layers: 3, scaleBound: 2 }),
    splineCoupling({ hidden: [5], activation: "tanh" }),
  ];
  test.each(densities.map((density) => [density]))("bring back every density", (density) => {
    expect(densityFromJSON(density.describe()).describe()).toEqual(density.describe());
  });

  test("hold no density that is code, or damaged", () => {
    expect(() => densityFromJSON({ kind: "mine" })).toThrow("not one of the library's");
    const damaged = { kind: "gaussian", covariance: "half", hidden: [4], activation: "relu" };
    expect(() => densityFromJSON(damaged)).toThrow('covariance must be "full", "diagonal"');
  });
});

describe("of all kinds of part", () => {
  const all: readonly Part<{ describe(): Json }>[] = Object.values(densityRooms).flat();
  const usual = all.filter(({ settings }) => settings.schema.safeParse({}).success);

  test.each(usual.map((part) => [part.settings.kind, part] as const))(
    "%s with defaults comes back from its description",
    (kind, part) => {
      const description = make(part, {}).describe();
      expect(description).toMatchObject({ kind });
      expect(readPart(densityRooms, [part], description).describe()).toEqual(description);
    },
  );

  test("no two of a room share a name", () => {
    for (const parts of Object.values(densityRooms)) {
      const names = parts.flatMap(({ settings }) => [...new Set([settings.kind, settings.alias])]);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
