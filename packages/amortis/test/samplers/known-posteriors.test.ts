/**
 * Samplers against posteriors with known answers: means of parameters and of their squares within four Monte Carlo standard errors. Chains of a funnel and of centred schools say that
 * they do not get everywhere; of slcp none here is known to be right.
 */
import { describe, expect, test } from "vitest";
import { ensemble, hmc, nuts, sliceSampler, smc, stream } from "../../src/index.js";
import {
  ChainSpace,
  initPopulation,
  runChains,
  stepPopulation,
  type ChainSampler,
} from "../../src/extend.js";
import { convergence } from "../../src/diagnostics/index.js";
import type { KnownPosterior, Quantity } from "./known-posterior.js";
import { knownPosteriors } from "./known-posteriors.js";

/** Draws [chains, each, k] of one posterior. */
interface Drawn {
  readonly draws: ArrayLike<number>;
  readonly chains: number;
  readonly each: number;
}

/**
 * What is off by more than four errors, a quantity's own by its effective size and that of what is known, or does not agree between chains: nothing, as a rule.
 */
function offIn({ of, known, k }: KnownPosterior, { draws, chains, each }: Drawn): string[] {
  const rows = Array.from({ length: chains * each }, (_, i) =>
    of(Float64Array.from({ length: k }, (_j, j) => draws[i * k + j] ?? NaN)),
  );
  const judge = ({ name, mean, sd, error }: Quantity, value: (row: number) => number): string[] => {
    const values = Array.from({ length: chains }, (_c, c) =>
      Float64Array.from({ length: each }, (_i, i) => value(c * each + i)),
    );
    const { rHat, bulkEss, tailEss } = convergence(values);
    const found = values.flatMap((x) => [...x]).reduce((a, b) => a + b, 0) / (chains * each);
    const errors = (found - mean) / Math.hypot(sd / Math.sqrt(Math.min(bulkEss, tailEss)), error);
    return Math.abs(errors) < 4 && rHat < 1.05
      ? []
      : [`${name}: ${found} is ${errors.toFixed(1)} errors from ${mean}, R-hat ${rHat.toFixed(3)}`];
  };
  return known.flatMap(({ plain, squared }, j) => [
    ...judge(plain, (row) => rows[row]?.[j] ?? NaN),
    ...judge(squared, (row) => (rows[row]?.[j] ?? NaN) ** 2),
  ]);
}

async function run(
  posterior: KnownPosterior,
  sampler: ChainSampler,
  settings: { readonly chains: number; readonly iterations: number; readonly burnIn: number },
): Promise<Drawn & { readonly divergences?: Uint32Array }> {
  const { k, target, bijection } = posterior;
  const random = stream("starts");
  const start = Array.from({ length: settings.chains }, () =>
    bijection.forward(Float64Array.from({ length: k }, () => random.normal())),
  );
  const result = await runChains(target, sampler, {
    ...settings,
    bijection,
    start: Float64Array.from(start.flatMap((theta) => [...theta])),
    seed: 7,
  });
  return { ...result, chains: settings.chains, each: result.each / settings.chains };
}

/** Necks that steps have to be small for. */
const NARROW = ["funnel", "eight schools, centred"];
/** Four modes, on ridges that chains from anywhere take long to find. */
const MODES = "slcp";
const usual = knownPosteriors.filter(({ name }) => ![...NARROW, MODES].includes(name));
/** Those that take little time. Of the banana the tips take ensembles long. */
const few = usual.filter(({ k }) => k < 5);

describe("gradients", () => {
  test.each(knownPosteriors)(
    "of $name are those of the density",
    async ({ k, target, bijection }) => {
      const random = stream("gradients");
      const theta = bijection.forward(Float64Array.from({ length: k }, () => random.normal()));
      const found = await target.valueAndGradient?.(theta, 0, 1);
      for (let j = 0; j < k; j++) {
        const h = 1e-6 * Math.max(1, Math.abs(theta[j] ?? 0));
        const [up, down] = [h, -h].map((by) => theta.with(j, (theta[j] ?? NaN) + by));
        const above = (await target.logDensity(up ?? theta, 0, 1))[0] ?? NaN;
        const below = (await target.logDensity(down ?? theta, 0, 1))[0] ?? NaN;
        const slope = (above - below) / (2 * h);
        expect(Math.abs((found?.gradient[j] ?? NaN) - slope)).toBeLessThan(
          1e-5 * (1 + Math.abs(slope)) + (1e-9 * Math.abs(above)) / h,
        );
      }
    },
  );
});

describe("nuts", () => {
  const settings = { chains: 4, iterations: 900, burnIn: 300 };

  test.each(usual)("finds $name", async (posterior) => {
    expect(offIn(posterior, await run(posterior, nuts(), settings))).toEqual([]);
  });

  test.each(NARROW)("says of %s that trajectories diverge where steps are large", async (of) => {
    const posterior = knownPosteriors.find(({ name }) => name === of);
    if (posterior === undefined) throw new TypeError(`there is no ${of}`);
    const { divergences } = await run(posterior, nuts({ acceptance: 0.6 }), settings);
    expect(divergences?.[0]).toBeGreaterThan(0);
  });
});

describe("hmc", () => {
  test.each(few)("finds $name", async (posterior) => {
    expect(
      offIn(posterior, await run(posterior, hmc(), { chains: 4, iterations: 1000, burnIn: 300 })),
    ).toEqual([]);
  });
});

describe("slices", () => {
  test.each(few)("find $name", async (posterior) => {
    expect(
      offIn(
        posterior,
        await run(posterior, sliceSampler(), { chains: 4, iterations: 900, burnIn: 300 }),
      ),
    ).toEqual([]);
  });
});

describe("an ensemble", () => {
  test.each(few.filter(({ name }) => name !== "banana"))("finds $name", async (posterior) => {
    const chains = 4 * posterior.k + 4;
    expect(
      offIn(
        posterior,
        await run(posterior, ensemble(), { chains, iterations: 3000, burnIn: 1000 }),
      ),
    ).toEqual([]);
  });
});

describe("sequential Monte Carlo", () => {
  test.each(few)("finds $name, from draws of a wide normal", async (posterior) => {
    const { k, target, bijection } = posterior;
    const settings = smc({ particles: 400 });
    const count = settings.particles * settings.populations;
    const space = new ChainSpace(target, bijection, count);
    const random = Array.from({ length: count }, (_, i) => stream("smc").split(i));
    const position = Float64Array.from(
      { length: count * k },
      (_, at) => 3 * (random[Math.floor(at / k)]?.normal() ?? NaN),
    );
    /** Normals in unconstrained space, as a density of the parameters. */
    const reference = (theta: Float64Array): number => {
      const u = bijection.inverse(theta);
      return u.reduce((sum, x) => sum - 0.5 * (x / 3) ** 2, -bijection.logJacobian(u));
    };
    let state = initPopulation(space, await space.at(position), reference, settings);
    while (state.temperature.some((beta) => beta < 1)) {
      ({ state } = await stepPopulation(space, state, reference, settings, random));
    }
    expect(
      offIn(posterior, {
        draws: state.parameters,
        chains: settings.populations,
        each: settings.particles,
      }),
    ).toEqual([]);
  });
});
