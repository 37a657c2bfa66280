/**
 * Parameters one block after another: a discrete one, one that may be exactly zero, or continuous ones that lie side by side.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { dependentJoint } from "../distributions/dependent-joint.js";
import { isDependent } from "../distributions/dependent.js";
import {
  flattened,
  independent,
  type Distribution,
  type JointPrior,
  type ScalarDistribution,
} from "../distributions/index.js";
import { parametersOf } from "../distributions/term.js";
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

/** A part of a prior, by the name of its parameter where others may depend on it. */
interface Part {
  readonly name: string;
  readonly part: Distribution;
}

/**
 * The blocks of a prior; undefined where all parameters are continuous, so that one density is of all of them.
 *
 * @throws InvalidArgumentError where a parameter depends on one that is not in its block.
 */
export function mixedBlocks(prior: JointPrior): readonly Block[] | undefined {
  const parts = partsOf(prior);
  if (parts.every(({ part }) => isContinuous(part))) return undefined;
  const blocks: Block[] = [];
  let at = 0;
  let open: Part[] = [];
  const close = (): void => {
    if (open.length === 0) return;
    const own = together(open);
    blocks.push({
      kind: "continuous",
      at: at - own.size,
      size: own.size,
      prior: own,
      moments: momentsOf(own),
    });
    open = [];
  };
  for (const one of parts) {
    const { part } = one;
    if (isContinuous(part)) open.push(one);
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

function partsOf(prior: JointPrior): readonly Part[] {
  const all = Object.entries(prior.priors);
  if (!all.some(([, one]) => isDependent(one))) {
    return flattened([prior.centred]).map((part) => ({ name: "", part }));
  }
  const parts = all.flatMap(([name, one]) => {
    const inner = flattened([one]);
    return inner.every(isContinuous)
      ? [{ name, part: one }]
      : inner.map((part) => ({ name, part }));
  });
  if (prior.offset !== undefined && !parts.every(({ part }) => isContinuous(part))) {
    throw new InvalidArgumentError(
      "npe: a prior that depends on others, one on a large offset and one that is discrete or may be zero do not go together: take the offset off the parameter",
    );
  }
  return parts;
}

/** The distribution of parameters that lie side by side. */
function together(open: readonly Part[]): Distribution {
  if (!open.some(({ part }) => isDependent(part))) return independent(open.map(({ part }) => part));
  const names = open.map(({ name }) => name);
  for (const { name, part } of open) {
    if (!isDependent(part)) continue;
    const { shift, scale } = part.dependence;
    const other = [...shift, ...scale]
      .flatMap(parametersOf)
      .map(([needed]) => needed)
      .find((needed) => !names.includes(needed));
    if (other === undefined) continue;
    throw new InvalidArgumentError(
      `npe: the prior of "${name}" depends on "${other}", which is discrete, may be zero, or has such a one between: name the two side by side, before or after those; or take nbe, which estimates them all the same`,
    );
  }
  return dependentJoint(Object.fromEntries(open.map(({ name, part }) => [name, part])));
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
