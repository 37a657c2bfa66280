import { describe, expect, it } from "vitest";
import {
  custom,
  dirichlet,
  discrete,
  jointPrior,
  normal,
  uniform,
} from "../../src/distributions/index.js";
import { trainedPrior } from "../../src/estimators/trained-prior.js";
import { defineModel } from "../../src/model/index.js";
import { stream } from "../../src/random/index.js";

const priors = { range: uniform(0, 0.6), weights: dirichlet([1, 2, 3]), shift: normal(0, 1) };

describe("a joint prior", () => {
  const joint = jointPrior(priors);

  it("has names, places and bounds of every coordinate", () => {
    expect(joint.flatNames).toEqual(["range", "weights[0]", "weights[1]", "weights[2]", "shift"]);
    expect(joint.slots.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 1],
      [1, 3],
      [4, 1],
    ]);
    expect(joint.support.lower).toEqual([0, 0, 0, 0, -Infinity]);
    expect(joint.support.upper).toEqual([0.6, 1, 1, 1, Infinity]);
    expect([joint.size, joint.bijection.unconstrainedSize]).toEqual([5, 4]);
  });

  it("draws each prior in turn from one stream, and adds up their densities", () => {
    const random = stream(3);
    const parts = Object.values(priors).map((prior) => prior.sample(random));
    const theta = joint.sample(stream(3));
    expect([...theta]).toEqual(parts.flatMap((part) => [...part]));
    const { range, weights, shift } = priors;
    const [a, b, c] = parts.map((part) => [...part]);
    expect(joint.logDensity(theta)).toBeCloseTo(
      range.logDensity(a ?? []) + weights.logDensity(b ?? []) + shift.logDensity(c ?? []),
      12,
    );
  });

  it("is made once by a model", () => {
    const model = defineModel({
      name: "m",
      parameters: priors,
      data: { z: [] },
      simulate: ({ shift }) => ({ z: shift }),
    });
    expect(model.prior.priors).toBe(priors);
    expect(model.prior.bijection).toBe(model.prior.bijection);
    expect(model.logPrior(model.samplePrior(stream(1)))).toBe(
      joint.logDensity(joint.sample(stream(1))),
    );
  });

  it("of discrete parameters too has everything but a map from unconstrained space", () => {
    const mixed = jointPrior({ k: discrete([0, 1]), mu: normal(0, 1) });
    expect(mixed.flatNames).toEqual(["k", "mu"]);
    expect(() => mixed.bijection).toThrow(/no unconstrained space/);
  });
});

describe("the joint prior of a file", () => {
  const own = custom({
    name: "own",
    shape: [2],
    support: { lower: [0, -1] },
    sample: (random) => [random.uniform(), random.uniform()],
    logDensity: () => 0,
  });
  const written = {
    name: "m",
    parameters: Object.entries({ ...priors, own }).map(([name, prior]) => ({
      name,
      shape: [...prior.shape],
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a file has it
      prior: JSON.parse(JSON.stringify(prior)) as null,
      // As JSON has it, infinite bounds are null.
      support: {
        lower: prior.support.lower.map((bound) => (Number.isFinite(bound) ? bound : null)),
        upper: prior.support.upper.map((bound) => (Number.isFinite(bound) ? bound : null)),
      },
    })),
    data: {},
  };

  it("is the model's, but for what is code", () => {
    const found = trainedPrior(written, undefined);
    const whole = jointPrior({ ...priors, own });
    expect(found.flatNames).toEqual(whole.flatNames);
    expect(found.support).toEqual(whole.support);
    const u = [0.3, -1, 2, 0.7, -0.2, 1.5];
    expect(found.bijection.forward(u)).toEqual(whole.bijection.forward(u));
    expect(() => found.sample(stream(1))).toThrow(/prior of "own" is a custom distribution/);
    expect(() => found.logDensity(whole.sample(stream(1)))).toThrow(/load the file with its model/);
  });

  it("takes what is code from the model", () => {
    const model = defineModel({
      name: "m",
      parameters: { ...priors, own },
      data: { z: [] },
      simulate: ({ shift }) => ({ z: shift }),
    });
    const found = trainedPrior(written, model);
    expect(found.sample(stream(2))).toEqual(model.prior.sample(stream(2)));
  });
});
