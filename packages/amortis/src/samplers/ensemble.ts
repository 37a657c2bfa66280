/**
 * The affine-invariant ensemble: the chains of a data set are walkers, each of which moves along the line to another.
 *
 *     u′ = u_j + z (u - u_j),   p(z) ∝ 1/√z on [1/a, a],      accept with probability min(1, z^(k-1) p(u′) / p(u))
 *
 * Half of the walkers move at a time, towards those of the other half. Correlations and scales make no difference to it, and there is nothing to learn; it takes more walkers than
 * twice the parameters, and many parameters slow it down.
 *
 * References: Goodman & Weare 2010, "Ensemble samplers with affine invariance"; Foreman-Mackey et al. 2013, arXiv 1202.3665, for the halves.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { requireBetween } from "./requirements.js";
import { metropolisRule, type Sampler, type StepInfo } from "./sampler.js";
import type { ChainSpace, Points } from "./target.js";

/** What the sampler is told. */
export interface EnsembleOptions {
  /** a, the largest factor by which a walker's distance changes; 2 by default. */
  readonly stretch?: number;
}

const KNOWN: KnownOptions<EnsembleOptions> = { stretch: true };

/**
 * The affine-invariant ensemble, which needs densities only.
 *
 * @throws InvalidArgumentError unless a is above one; in `init` unless there are an even number of chains, more than twice the axes of unconstrained space.
 * @example await runChains(target, ensemble(), { bijection, start, chains: 4 * parameters, iterations: 5000 });
 */
export function ensemble(options: EnsembleOptions = {}): Sampler<Points, StepInfo, undefined> {
  requireKnown("ensemble", options, KNOWN);
  const { stretch = 2 } = options;
  requireBetween("ensemble", "stretch", stretch, 1);
  return {
    name: "ensemble",
    usual: (axes) => ({ chains: walkers(axes), burnIn: 600, thin: 10 }),
    init: (space, points) => {
      requireWalkers(space);
      return Promise.resolve(points);
    },
    step: async (space, state, _settings, random) => {
      const first = await moveHalf(space, state, 0, stretch, random);
      const second = await moveHalf(space, first.state, 1, stretch, random);
      return {
        state: second.state,
        info: {
          acceptance: first.info.acceptance.map((rate, i) =>
            isMoving(space, i, 0) ? rate : (second.info.acceptance[i] ?? 0),
          ),
          accepted: first.info.accepted.map((taken, i) => taken | (second.info.accepted[i] ?? 0)),
        },
      };
    },
    adaptation: () => ({ settings: undefined, note: () => undefined }),
  };
}

/** Walkers of one half, each towards one of the other. */
async function moveHalf(
  space: ChainSpace,
  state: Points,
  half: 0 | 1,
  stretch: number,
  random: readonly Stream[],
) {
  const { k, p, chains } = space;
  const moving = Uint32Array.from(
    Array.from(random.keys()).filter((i) => isMoving(space, i, half)),
  );
  const position = state.position.slice();
  const logFactors = new Float64Array(space.count).fill(-Infinity);
  const asked = new Float64Array(moving.length * k);
  for (const [row, i] of moving.entries()) {
    const noise = random[i];
    if (noise === undefined) continue;
    const first = i - (i % chains);
    const other = first + 2 * noise.integer(chains / 2) + (1 - half);
    const z = (1 + (stretch - 1) * noise.uniform()) ** 2 / stretch;
    for (let j = 0; j < k; j++) {
      const anchor = state.position[other * k + j] ?? NaN;
      asked[row * k + j] = anchor + z * ((state.position[i * k + j] ?? NaN) - anchor);
    }
    position.set(asked.subarray(row * k, (row + 1) * k), i * k);
    logFactors[i] = (k - 1) * Math.log(z);
  }
  const found = await space.at(asked, moving);
  const [parameters, logDensity] = [state.parameters.slice(), state.logDensity.slice()];
  for (const [row, i] of moving.entries()) {
    parameters.set(found.parameters.subarray(row * p, (row + 1) * p), i * p);
    logDensity[i] = found.logDensity[row] ?? NaN;
  }
  const logRatio = (i: number): number =>
    (logFactors[i] ?? NaN) + (logDensity[i] ?? NaN) - (state.logDensity[i] ?? NaN);
  return metropolisRule(space, state, { position, parameters, logDensity }, logRatio, random);
}

/** Even and odd walkers are the halves. */
function isMoving({ chains }: ChainSpace, chain: number, half: 0 | 1): boolean {
  return (chain % chains) % 2 === half;
}

/** Walkers that do for so many axes. */
function walkers(axes: number): number {
  return 4 * axes + 4;
}

function requireWalkers({ chains, k }: ChainSpace): void {
  if (chains % 2 === 0 && chains > 2 * k) return;
  throw new InvalidArgumentError(
    `ensemble: walkers must be an even number above twice the ${k} axes that they move in, but there are ${chains} chains: give chains: ${walkers(k)} or more`,
  );
}
