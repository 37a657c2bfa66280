/**
 * Jumps: every so many steps of another sampler each chain is offered a draw of a fixed distribution, wherever it is (independence Metropolis).
 *
 *     accept u′ ~ q with probability min(1, p(u′) q(u) / p(u) q(u′))
 *
 * Where q has all modes, chains go from one to the other, and stay in each for as long as it has mass. The ratios p(u′) / q(u′) that are found on the
 * way are importance weights: of the evidence, and of what each mode holds.
 *
 * Reference: Tierney 1994, "Markov chains for exploring posterior distributions", for mixtures of kernels.
 */
import type { Stream } from "../random/index.js";
import { metropolisRule, type Sampler, type StepInfo } from "./sampler.js";
import type { ChainSpace, Points } from "./target.js";

/** A distribution in the unconstrained space of one data set; a TMixture is one. */
export interface Proposal {
  sample(random: Stream): Float64Array;
  logDensity(u: Float64Array): number;
}

/** What a step did, and of a jump what it was offered. */
export type JumpInfo<I extends StepInfo> =
  | ({ readonly kind: "step"; readonly inner: I } & StepInfo)
  | ({
      readonly kind: "jump";
      readonly logWeights: Float64Array;
      readonly proposed: Points;
    } & StepInfo);

/** The state of another sampler, with the number of steps so far. */
export interface JumpState<S extends Points> extends Points {
  readonly inner: S;
  readonly steps: number;
}

/**
 * Another sampler with jumps.
 *
 * @param proposals one for each data set.
 * @param every of so many steps one is a jump.
 */
export function withJumps<S extends Points, I extends StepInfo, T>(
  sampler: Sampler<S, I, T>,
  proposals: readonly Proposal[],
  every: number,
): Sampler<JumpState<S>, JumpInfo<I>, T> {
  const stateOf = (inner: S, steps: number): JumpState<S> => ({
    position: inner.position,
    parameters: inner.parameters,
    logDensity: inner.logDensity,
    inner,
    steps,
  });
  return {
    name: `${sampler.name} with jumps`,
    ...(sampler.needsGradients === true && { needsGradients: true }),
    usual: (axes) => sampler.usual(axes),
    init: async (space, points) => stateOf(await sampler.init(space, points), 0),
    step: async (space, { inner, steps }, settings, random) => {
      if ((steps + 1) % every !== 0) {
        const { state, info } = await sampler.step(space, inner, settings, random);
        return {
          state: stateOf(state, steps + 1),
          info: { ...info, kind: "step", inner: info },
        };
      }
      const { state, info } = await jump(space, inner, proposals, random);
      return { state: stateOf(await sampler.init(space, state), steps + 1), info };
    },
    adaptation: (space, burnIn, start) => {
      const inner = sampler.adaptation(space, burnIn - Math.floor(burnIn / every), start);
      return {
        get settings() {
          return inner.settings;
        },
        note: (state, info) => {
          if (info.kind === "step") inner.note(state.inner, info.inner);
        },
      };
    },
  };
}

async function jump(
  space: ChainSpace,
  now: Points,
  proposals: readonly Proposal[],
  random: readonly Stream[],
) {
  const { k, chains, count } = space;
  const position = new Float64Array(count * k);
  for (const [i, noise] of random.entries()) {
    const drawn = proposals[Math.floor(i / chains)]?.sample(noise);
    if (drawn !== undefined) position.set(drawn, i * k);
  }
  const proposed = await space.at(position);
  const logWeights = (points: Points): Float64Array =>
    points.logDensity.map((value, i) => {
      const u = points.position.subarray(i * k, (i + 1) * k);
      return value - (proposals[Math.floor(i / chains)]?.logDensity(u) ?? Number.NaN);
    });
  const [here, there] = [logWeights(now), logWeights(proposed)];
  const logRatio = (i: number): number => (there[i] ?? NaN) - (here[i] ?? NaN);
  const { state, info } = metropolisRule(space, now, proposed, logRatio, random);
  return { state, info: { kind: "jump" as const, ...info, logWeights: there, proposed } };
}
