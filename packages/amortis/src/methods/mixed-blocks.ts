/**
 * Parameters one block after another: a discrete one, one that may be exactly zero, or continuous ones that lie side by side.
 */
import {
  flattened,
  independent,
  type Distribution,
  type ScalarDistribution,
} from "../distributions/index.js";
import { stream } from "../random/index.js";
import type { Moments } from "../data/moments.js";

/** Places [at, at + size) of the flat parameters, and what they are. */
export type Block = { readonly at: number; readonly size: number } & (
  | { readonly kind: "discrete"; readonly values: readonly number[] }
  | { readonly kind: "spike"; readonly prior: ScalarDistribution; readonly moments: Moments }
  | { readonly kind: "continuous"; readonly prior: Distribution; readonly moments: Moments }
);

/** Draws of the prior by which unconstrained space is standardised. */
const DRAWS = 2000;

/** The blocks of a prior; undefined where all parameters are continuous, so that one density is of all of them. */
export function mixedBlocks(prior: Distribution): readonly Block[] | undefined {
  const parts = flattened([prior]);
  if (parts.every(isContinuous)) return undefined;
  const blocks: Block[] = [];
  let at = 0;
  let open: Distribution[] = [];
  const close = (): void => {
    if (open.length === 0) return;
    const own = independent(open);
    blocks.push({
      kind: "continuous",
      at: at - own.size,
      size: own.size,
      prior: own,
      moments: momentsOf(own),
    });
    open = [];
  };
  for (const part of parts) {
    if (isContinuous(part)) open.push(part);
    else close();
    if (part.slab !== undefined) {
      blocks.push({ kind: "spike", at, size: 1, prior: part.slab, moments: momentsOf(part.slab) });
    } else if (!isContinuous(part)) {
      blocks.push({ kind: "discrete", at, size: 1, values: part.support.values?.[0] ?? [] });
    }
    at += part.size;
  }
  close();
  return blocks;
}

function isContinuous({ support, slab }: Distribution): boolean {
  return support.values === undefined && slab === undefined;
}

/** Mean and standard deviation of a prior's draws in unconstrained space. */
function momentsOf(prior: Distribution): Moments {
  const { bijection } = prior;
  const random = stream("moments of a prior");
  const draws = Array.from({ length: DRAWS }, () => bijection.inverse(prior.sample(random)));
  const columns = Array.from({ length: bijection.unconstrainedSize }, (_, k) =>
    draws.map((u) => u[k] ?? 0),
  );
  const mean = columns.map((values) => values.reduce((a, b) => a + b, 0) / DRAWS);
  const sd = columns.map((values, k) =>
    Math.sqrt(values.reduce((sum, u) => sum + (u - (mean[k] ?? 0)) ** 2, 0) / DRAWS),
  );
  return { mean, sd };
}
