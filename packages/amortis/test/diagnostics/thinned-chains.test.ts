/**
 * Chains of right posteriors, whose draws are like their neighbours: AR(1) with a correlation of 0.8.
 */
import { expect, it } from "vitest";
import { diagnoseDraws, scoredDrawsOf, thinnedChains } from "../../src/diagnostics/index.js";
import { stream } from "../../src/random/index.js";

const [SIZE, CHAINS, LENGTH, PHI] = [100, 4, 400, 0.8];

/** θ ~ N(0, 1), y ~ N(θ, 1), θ | y ~ N(y / 2, 1/2); of some data sets one chain is elsewhere. */
function chains(stuck: number) {
  const random = stream("chains");
  const truth = new Float64Array(SIZE);
  const draws = new Float64Array(SIZE * CHAINS * LENGTH);
  let at = 0;
  for (let i = 0; i < SIZE; i++) {
    truth[i] = random.normal();
    const y = (truth[i] ?? 0) + random.normal();
    for (let chain = 0; chain < CHAINS; chain++) {
      let z = random.normal();
      for (let j = 0; j < LENGTH; j++) {
        z = PHI * z + Math.sqrt(1 - PHI ** 2) * random.normal();
        draws[at++] = (i < stuck && chain === 0 ? 9 : y / 2) + Math.SQRT1_2 * z;
      }
    }
  }
  return { draws, truth, names: ["theta"] };
}

it("thinned chains are judged as independent draws are, and raw ones are not", () => {
  const given = chains(0);
  const thinned = thinnedChains(given, CHAINS);
  // 1600 draws with an autocorrelation time of 9 are worth 178; the worst of 100 data sets fewer.
  const each = thinned.draws.length / SIZE;
  expect(each).toBeGreaterThanOrEqual(20);
  expect(each).toBeLessThan(178);
  expect(diagnoseDraws(thinned).calibrated).toBe(true);
  // A stretch of one chain in which draws hardly move.
  const stretch = Float64Array.from(
    { length: SIZE * 20 },
    (_, at) => given.draws[Math.floor(at / 20) * CHAINS * LENGTH + (at % 20)] ?? 0,
  );
  expect(diagnoseDraws({ ...given, draws: stretch }).calibrated).toBe(false);
});

it("chains that do not agree are refused", () => {
  const found = diagnoseDraws(thinnedChains(chains(10), CHAINS));
  // R-hat of a few others is above 1.05 by chance.
  expect(found.refused).toBeGreaterThanOrEqual(10);
  expect(found.refused).toBeLessThan(25);
  expect(found.calibrated).toBe(true);
  expect(() => thinnedChains(chains(SIZE), CHAINS)).toThrow(
    /chains of none of 100 data sets agree \(R-hat below 1\.05\) and are worth 20 draws/,
  );
});

it("files have chains as a fourth axis", () => {
  const { draws, truth } = chains(0);
  const scored = scoredDrawsOf({
    draws: { shape: [SIZE, CHAINS, LENGTH, 1], data: draws },
    truth: { shape: [SIZE, 1], data: truth },
  });
  expect(scored.draws).toEqual(thinnedChains({ draws, truth, names: ["theta"] }, CHAINS).draws);
  expect(() => thinnedChains({ draws, truth, names: ["theta"] }, 7)).toThrow(
    /must be of 7 chains of one length, but there are 1600/,
  );
});
