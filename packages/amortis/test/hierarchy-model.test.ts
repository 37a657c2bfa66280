/** Models of groups within groups: what they simulate, and what they refuse. */
import { expect, it } from "vitest";
import {
  defineModel,
  dependent,
  discreteLogUniform,
  discreteUniform,
  halfNormal,
  normal,
  simulate,
  stream,
} from "../src/extend.js";

const count = discreteUniform(1, 4);
const theta = dependent(["mu", "tau"], normal(0, 1), ({ mu, tau }) => ({ shift: mu, scale: tau }));
const beta = dependent(["theta"], normal(0, 1), (terms) => ({ shift: terms.theta }));

/** Classes within schools; each datum says exactly what it is of. */
const exact = defineModel({
  name: "exact",
  parameters: { mu: normal(0, 1), tau: halfNormal(1) },
  groups: {
    school: { count, parameters: { theta } },
    class: { count: discreteUniform(1, 3), parameters: { beta } },
  },
  sizes: { m: discreteLogUniform(1, 5) },
  data: { y: ["m", 2], x: [] },
  simulate: (values, _, { m }) => {
    const own: number = values.beta;
    return { y: Array.from({ length: m }, () => [own, values.theta]), x: values.mu };
  },
});

it("simulates as many groups as the priors say, with parameters of their own", async () => {
  const { data, parameters, size } = await simulate(exact, {
    simulations: 400,
    seed: 1,
    workers: 0,
  });
  expect(exact.parameterNames).toEqual(["mu", "tau", "theta", "beta"]);
  expect(exact.dataShapes).toEqual({ y: [4, 3, 5, 2], x: [4, 3] });
  const schools = [0, 0, 0, 0, 0];
  const scores: number[] = [];
  for (let row = 0; row < size; row++) {
    const [mu = 0, tau = 1, first = 0, own = 0] = parameters.subarray(4 * row, 4 * row + 4);
    const x = data.x.subarray(12 * row, 12 * row + 12);
    const y = data.y.subarray(120 * row, 120 * row + 120);
    // What is given is the first group's, and the first one's within it.
    expect(y[0]).toBeCloseTo(own, 5);
    expect(y[1]).toBeCloseTo(first, 5);
    const there = [0, 3, 6, 9].filter((unit) => !Number.isNaN(x[unit]));
    schools[there.length] = (schools[there.length] ?? 0) + 1;
    expect(there).toEqual([0, 3, 6, 9].slice(0, there.length));
    for (const unit of there.slice(1)) scores.push(((y[10 * unit + 1] ?? 0) - mu) / tau);
    // Classes of one school share its parameter, and not their own.
    for (const [unit, value] of x.entries()) {
      if (Number.isNaN(value)) continue;
      expect(value).toBeCloseTo(mu, 5);
      expect(y[10 * unit + 1]).toBe(y[10 * (unit - (unit % 3)) + 1]);
    }
  }
  // Each of four numbers of groups has a quarter, within four standard errors; locals are standard normal about the globals.
  for (const times of schools.slice(1)) expect(Math.abs(times - 100)).toBeLessThan(4 * 8.7);
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const square = scores.reduce((a, b) => a + b * b, 0) / scores.length;
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(scores.length));
  expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / scores.length));
});

it("simulates the same where the simulator is asynchronous", async () => {
  const make = (wait: boolean) =>
    defineModel({
      name: "either",
      parameters: { mu: normal(0, 1) },
      groups: { group: { count, parameters: { b: normal(0, 1) } } },
      data: { y: [2] },
      simulate: ({ mu, b }, random) => {
        const output = { y: [mu + random.normal(), b + random.normal()] };
        return wait ? Promise.resolve(output) : output;
      },
    });
  const of = async (wait: boolean) =>
    (await simulate(make(wait), { simulations: 5, seed: 3, workers: 0 })).data.y;
  expect(await of(true)).toEqual(await of(false));
});

it("has the prior of a group's parameters given those above it", () => {
  const random = stream(1);
  const values = exact.samplePrior(random);
  const [mu = 0, tau = 1, first = 0, own = 0] = values;
  const normalAt = (x: number, m: number, sd: number): number =>
    -(((x - m) / sd) ** 2) / 2 - Math.log(sd) - Math.log(2 * Math.PI) / 2;
  const half = normalAt(tau, 0, 1) + Math.log(2);
  const expected = normalAt(mu, 0, 1) + half + normalAt(first, mu, tau) + normalAt(own, first, 1);
  expect(exact.logPrior(values)).toBeCloseTo(expected, 10);
});

it("says what is wrong with a hierarchy", () => {
  const level = { count, parameters: { b: normal(0, 1) } };
  const base = {
    name: "odd",
    parameters: { mu: normal(0, 1) },
    data: { y: [] },
    simulate: () => ({ y: 1 }),
  } as const;
  expect(() => defineModel({ ...base, groups: {} })).toThrow("has no level of groups");
  expect(() => defineModel({ ...base, groups: { y: level } })).toThrow('has the name "y" twice');
  expect(() =>
    defineModel({ ...base, groups: { g: { count, parameters: { mu: normal(0, 1) } } } }),
  ).toThrow('has the name "mu" twice');
  expect(() => defineModel({ ...base, groups: { g: { count, parameters: {} } } })).toThrow(
    'the groups of the level "g" have no parameters',
  );
  expect(() =>
    defineModel({ ...base, groups: { g: { ...level, count: discreteUniform(0, 3) } } }),
  ).toThrow("must be a prior of whole numbers from 1 on");
  expect(() =>
    defineModel({
      ...base,
      groups: { g: { count, parameters: { b: dependent(["no"], normal(0, 1), () => ({})) } } },
    }),
  ).not.toThrow();
  expect(() =>
    defineModel({
      ...base,
      groups: {
        g: {
          count,
          parameters: { b: dependent(["no"], normal(0, 1), ({ no }) => ({ shift: no })) },
        },
      },
    }),
  ).toThrow('the prior of "b" depends on "no", which is not before it');
});
