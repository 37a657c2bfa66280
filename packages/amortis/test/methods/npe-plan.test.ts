/** The rule by which npe's networks are chosen, by sizes alone. */
import { expect, it, test } from "vitest";
import { defineModel, normal, npe } from "../../src/index.js";
import type { Budget } from "../../src/methods/method.js";

const budget: Budget = { simulations: 1_000, onTheFly: false, fromPrior: true };
const model = defineModel({
  name: "few",
  parameters: { theta: normal(0, 1) },
  data: { y: [3] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: 3 }, () => theta + random.normal()),
  }),
});

/** Of each network, the emulator that it learns from. */
const emulators = (own: Partial<Budget>) =>
  npe(model)
    .sized?.({ ...budget, ...own })
    .ensemble?.members.map(({ emulation }) => emulation?.description);

test.each([
  [20, [undefined, undefined, undefined]],
  [1_000, [undefined, undefined, "normal", "flows"]],
  [10_000, [undefined, "normal", "flows"]],
])("of %i simulations", (simulations, expected) => {
  expect(emulators({ simulations })).toEqual(expected);
});

it("has no emulator of what is not known to be under the prior", () => {
  expect(emulators({ fromPrior: false })).toEqual([undefined, undefined, undefined]);
});

it("takes smooth trends off for the emulator by normal distributions alone", () => {
  const members = npe(model).sized?.(budget).ensemble?.members;
  expect(members?.map(({ emulation }) => emulation?.smooth)).toEqual([
    undefined,
    undefined,
    true,
    false,
  ]);
});

test.each([
  [1_000, ["rawSummary", "rawSummary", "rawSummary", "rawSummary"]],
  [10_000, ["rawSummary", "mlpSummary", "mlpSummary"]],
])("of %i simulations learns summaries where emulators are good", (simulations, expected) => {
  const members = npe(model).sized?.({ ...budget, simulations }).ensemble?.members;
  expect(members?.map(({ description }) => description)).toMatchObject(
    expected.map((kind) => ({ summary: { kind } })),
  );
});
