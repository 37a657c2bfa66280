import { describe, expect, test } from "vitest";
import {
  balancedLoss,
  augmented,
  cnn,
  defineModel,
  expertSummary,
  gaussian,
  mlp,
  mlpSummary,
  mutualInformationSummary,
  nbe,
  normal,
  npe,
  nre,
  distanceCorrelationSummary,
  fisherInformationSummary,
  posteriorMomentsSummary,
  rawSummary,
  splineCoupling,
  syntheticLikelihood,
  variational,
} from "../../src/index.js";
import {
  configurationHelp,
  methodNames,
  methodOf,
  readConfiguration,
  type DataTransform,
  type Method,
} from "../../src/extend.js";
import { methodKinds, methodRooms } from "../../src/methods/rooms.js";

const model = defineModel({
  name: "pair",
  parameters: { theta: normal(0, 1) },
  data: { y: [3] },
  simulate: ({ theta }, random) => ({ y: [theta, theta, theta + random.normal()] }),
  logLikelihoodGradient: () => ({ value: 0, gradient: [0] }),
});

/** What a configuration's method says of itself. */
async function description(json: unknown, transform?: DataTransform): Promise<unknown> {
  return (await methodOf(readConfiguration(json), model, { transform })).description;
}

const square = { kind: "cnn", filters: [8] };
const symmetric = { ...square, symmetries: ["negate"] };

describe("a configuration asks for what the library's functions make", () => {
  const cases: readonly (readonly [object, Method])[] = [
    [{}, npe(model)],
    [
      { summary: { kind: "mlp", outputs: 3 }, density: { kind: "splineCoupling", layers: 8 } },
      npe(model, { summary: mlpSummary({ outputs: 3 }), density: splineCoupling({ layers: 8 }) }),
    ],
    [
      { method: "npe", summary: "raw", density: "gaussian" },
      npe(model, { summary: rawSummary(), density: gaussian() }),
    ],
    [
      { method: "nbe", summary: symmetric, head: { hidden: [4] }, loss: "absolute", interval: 0.8 },
      nbe(model, {
        summary: augmented(cnn({ filters: [8] }), ["negate"]),
        head: mlp({ hidden: [4] }),
        loss: "absolute",
        interval: 0.8,
      }),
    ],
    [
      { method: "nre", classifier: { hidden: [5], activation: "tanh" }, balanced: true },
      nre(model, { hidden: [5], activation: "tanh", balanced: true }),
    ],
    [{ method: "nre", hidden: [5] }, nre(model, { hidden: [5] })],
    [{ method: "nre", loss: "balanced" }, nre(model, { loss: balancedLoss() })],
    [{ method: "nre", loss: { kind: "balanced", weight: 7 } }, nre(model, { balanced: 7 })],
    [
      { method: "summary", summary: "mlp", size: 2, critic: { hidden: [6] }, bound: "infonce" },
      mutualInformationSummary(model, {
        network: mlpSummary(),
        size: 2,
        critic: mlp({ hidden: [6] }),
        bound: "infonce",
      }),
    ],
    [
      { method: "posterior-moments", network: { kind: "mlpSummary" }, moments: 2 },
      posteriorMomentsSummary(model, { network: mlpSummary(), moments: 2 }),
    ],
    [
      { method: "distance-correlation", summary: "mlp", size: 3 },
      distanceCorrelationSummary(model, { network: mlpSummary(), size: 3 }),
    ],
    [
      { method: "fisher-information", summary: "mlp", around: { theta: [-1, 1] } },
      fisherInformationSummary(model, { network: mlpSummary(), around: { theta: [-1, 1] } }),
    ],
    [
      { method: "synthetic-likelihood", binding: { residual: true } },
      syntheticLikelihood(model, { network: mlp({ residual: true }) }),
    ],
    [{ method: "variational", likelihood: "host", draws: 2 }, variational(model, { draws: 2 })],
  ];

  test.each(cases)("%j", async (json, method) => {
    expect(await description(json)).toEqual(method.description);
  });

  test("with the transform that its reader found", async () => {
    const first = expertSummary(model, "first", 3, ({ y }) => y);
    const json = { method: "npe", transform: "somewhere#first" };
    expect(readConfiguration(json).transform).toEqual(["somewhere#first"]);
    expect(readConfiguration({ transform: ["a#b", "c#d"] }).transform).toEqual(["a#b", "c#d"]);
    expect(await description(json, first)).toEqual(npe(model, { transform: first }).description);
  });

  test("and keeps only the settings of training that it gives", () => {
    const training = { epochs: 3, validation: 0.2 };
    expect(readConfiguration({ training }).training).toEqual(training);
  });
});

describe("what cannot be is told by its place", () => {
  test.each([
    [
      { method: "magic" },
      'method must be one of npe, abc, any-to-any, distance-correlation, fisher-information, hierarchical, .*nbe, .*but is "magic"',
    ],
    [{ density: { kind: "splineCoupling", layers: 0 } }, "density.layers must be at least 1"],
    [
      { density: { kind: "spline" } },
      "density must be of one of the kinds affineAutoregressive, affineCoupling, ",
    ],
    [{ density: { layers: 3 } }, "density must be of one of the kinds .*but has no kind"],
    [{ density: { kind: "gaussian", layers: 3 } }, 'density: there is no setting "layers"; there'],
    [
      { summary: { ...symmetric, filters: [0] } },
      "summary.network.filters\\[0\\] must be at least",
    ],
    [{ summary: { ...square, symmetries: ["turn"] } }, 'summary.symmetries\\[0\\] must be "vert'],
    [
      { method: "nbe", density: "gaussian" },
      '"density" is a setting of npe, hierarchical, nle, smoothing, variational, but',
    ],
    [{ likelihood: "graph" }, '"likelihood" is a setting of variational, but the method is npe'],
    [{ method: "variational", likelihood: "grpah" }, "likelihood must be graph, host, or the file"],
    [{ sumary: "cnn" }, 'there is no setting "sumary"; npe has transform, summary, density'],
    [{ training: { epoch: 3 } }, 'training: there is no setting "epoch"'],
    [{ training: { epochs: 0 } }, "training.epochs must be at least 1, but is 0"],
    [{ transform: 3 }, "transform must be text or a list, but is 3"],
    [[], "must be an object"],
  ])("%j", (json, message) => {
    expect(() => readConfiguration(json, "x.json")).toThrow(new RegExp(`^x\\.json: ${message}`));
  });
});

describe("help", () => {
  test("says every method, network and density with all its settings", () => {
    const help = configurationHelp();
    for (const { settings } of [...methodKinds, ...Object.values(methodRooms).flat()]) {
      expect(help).toContain(`\n  ${settings.alias}`);
      for (const name of settings.names) expect(help).toMatch(new RegExp(`\\b${name}\\b`));
    }
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThan(142);
  });

  test("methods are named, the usual one first", () => {
    expect(methodNames[0]).toBe("npe");
    expect(methodNames).toContain("synthetic-likelihood");
  });
});
