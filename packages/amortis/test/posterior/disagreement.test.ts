/**
 * Networks of an ensemble that do not agree: draws of two or three normal distributions, of which it is known how far they are apart.
 */
import { expect, it } from "vitest";
import { describeDisagreement } from "../../src/posterior/disagreement.js";
import { stream } from "../../src/random/index.js";

/** Where a network puts its draws, by their place among its own. */
type Network = (z: number, k: number) => number;

/** Draws [sets, each, 1] of networks by turns, and which each is of. */
function mixture(networks: readonly Network[], each = 1000, sets = 1) {
  const random = stream("disagreement");
  const who = Uint8Array.from({ length: each }, (_, i) => i % networks.length);
  const draws = Float32Array.from({ length: sets * each }, (_, i) => {
    const network = networks[(i % each) % networks.length];
    return network?.(random.normal(), Math.floor(i / each)) ?? Number.NaN;
  });
  return describeDisagreement(["rate"], draws, sets, who);
}

const standard: Network = (z) => z;

it("is silent where they agree: 1.5 standard deviations, or a factor of two, are thirty standard errors of 500 draws", () => {
  expect(mixture([standard, standard, standard])).toBeUndefined();
  expect(mixture([standard, (z) => z + 1])).toBeUndefined();
  expect(mixture([standard, (z) => 1.5 * z])).toBeUndefined();
  // Two modes that all networks have are the posterior's own.
  const bimodal: Network = (z) => z / 10 + Math.sign(z);
  expect(mixture([bimodal, bimodal])).toBeUndefined();
});

it("says how far their medians are apart, in their own standard deviations", () => {
  expect(mixture([standard, standard, (z) => 4 + z])).toMatch(
    /do not agree about rate \(medians (3\.[789]|4|4\.[123]) of their standard deviations apart\)/u,
  );
});

it("says how many times one is as wide as another, whatever a few far draws are", () => {
  expect(mixture([standard, (z) => 3 * z])).toMatch(
    /rate \(one (2\.[89]|3|3\.[12]) times as wide as another\)/u,
  );
  // One draw in a hundred far out is a tail, not a width.
  const tailed: Network = (z) => (Math.abs(z) > 2.58 ? 10 * z : z);
  expect(mixture([standard, tailed])).toBeUndefined();
});

it("counts the data sets of a batch, and passes over networks with hardly a share", () => {
  expect(mixture([standard, (z, k) => z + (k < 3 ? 3 : 0)], 1000, 10)).toMatch(
    /rate \(3 of 10 data sets, at worst medians/u,
  );
  expect(mixture([standard, (z) => z + 9], 60)).toBeUndefined();
  const most = Array.from({ length: 19 }, () => standard);
  expect(mixture([...most, (z) => z + 9], 2000)).toBeUndefined();
});
