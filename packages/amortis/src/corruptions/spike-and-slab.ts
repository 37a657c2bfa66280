/**
 * The spike-and-slab error model: most numbers have next to no error, some have a large one.
 *
 *     y = x + sd(x) e,     e ~ (1 - ρ) N(0, σ²) + ρ Cauchy(0, τ),
 *
 * each number by itself. Reference: Ward et al. (2022), arXiv 2210.06564, equation 6, whose σ = 0.01 and τ = 0.25 are the defaults; there ρ is 1/2, of summaries of which half may be wrong.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Corruption } from "./corruption.js";

/** How large errors are, and how many. */
export interface SpikeAndSlabOptions {
  /** ρ: share of numbers with a large error; 0.1 by default. */
  readonly share?: number;
  /** σ: standard deviation of the others' errors, in standard deviations of the number over simulations; 0.01 by default. */
  readonly spike?: number;
  /** τ: scale of large errors, in the same unit; 0.25 by default. */
  readonly slab?: number;
  /** Size at which errors are cut off, in the same unit; 50 by default. */
  readonly most?: number;
  /** Names of the arrays that have errors; all by default. */
  readonly arrays?: readonly string[];
}

const KNOWN: KnownOptions<SpikeAndSlabOptions> = {
  share: true,
  spike: true,
  slab: true,
  most: true,
  arrays: true,
};

/**
 * Spike-and-slab errors on data of real numbers.
 *
 * @throws InvalidArgumentError where a share is none, or a size is below zero.
 * @example train(npe(line), { corrupt: spikeAndSlab({ share: 0.05, slab: 1 }) })
 */
export function spikeAndSlab(options: SpikeAndSlabOptions = {}): Corruption {
  requireKnown("spikeAndSlab", options, KNOWN);
  const { share = 0.1, spike = 0.01, slab = 0.25, most = 50, arrays } = options;
  if (!(share >= 0 && share <= 1) || !(spike >= 0) || !(slab >= 0) || !(most > 0)) {
    throw new InvalidArgumentError(
      `spikeAndSlab needs a share from 0 to 1, and sizes from 0 on, but was given share ${share}, spike ${spike}, slab ${slab}, most ${most}`,
    );
  }
  const corrupt: Corruption = (data, random, { sd }) => {
    for (const [name, values] of Object.entries(data)) {
      if (arrays !== undefined && !arrays.includes(name)) continue;
      for (let i = 0; i < values.length; i++) {
        const large = random.uniform() < share;
        const e = large
          ? slab * Math.tan(Math.PI * (random.uniform() - 0.5))
          : spike * random.normal();
        const bounded = Math.max(-most, Math.min(most, e));
        values[i] = (values[i] ?? 0) + (sd[name]?.[i] ?? 0) * bounded;
      }
    }
    return data;
  };
  const description = `spike-and-slab errors: share ${share}, spike ${spike}, slab ${slab}, at most ${most} standard deviations${arrays === undefined ? "" : `, of ${arrays.join(", ")}`}`;
  return Object.assign(corrupt, { description });
}
