/**
 * The programs by which hierarchies answer. In each, the batch are groups of one level, of any number of data sets:
 *
 *     unit          the data of innermost groups        to their vectors
 *     together{d}   vectors of the groups within each   to the vector of each; at depth 0 of all groups, which the globals are given
 *     sample{k}     vectors, parameters above, noise    to draws of level k, the globals being level 0
 *     logDensity{k} vectors, parameters above, theta    to log q of each
 */
import {
  add,
  concat,
  expandDims,
  input,
  slice,
  sub,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { graphSizes, type ArraySpecs } from "../data/array-spec.js";
import { innermostStandardization } from "../data/nested-specs.js";
import { unconstrainedMoments } from "../data/standardization.js";
import { restore, standardizeAll, standardizeLinearly } from "../data/standardization-graph.js";
import type { ConditionalDensity } from "../densities/index.js";
import { beside } from "./beside.js";
import { momentsBetween, type LevelPart } from "./hierarchy-levels.js";
import { together, unitVectors, type GroupNetworks } from "./hierarchy-units.js";
import type { InferenceContext, Programs } from "./method.js";
import { denoiseProgram, logScale } from "./posterior-programs.js";

/** Of what programs are made. */
export interface HierarchyNetworks {
  readonly networks: GroupNetworks;
  readonly innermost: ArraySpecs;
  readonly parts: readonly LevelPart[];
  /** One for each part. */
  readonly densities: readonly ConditionalDensity[];
}

/** The programs of all levels. */
export function hierarchyPrograms(
  inference: InferenceContext,
  hierarchy: HierarchyNetworks,
): Programs {
  const { networks, innermost, parts, densities } = hierarchy;
  const { scope } = inference;
  const standardization = innermostStandardization(inference.standardization, innermost);
  const inputs = Object.fromEntries(
    Object.entries(innermost).map(([name, spec]) => [
      name,
      input(name, ["batch", ...graphSizes(spec)]),
    ]),
  );
  const unit = unitVectors(networks, scope, standardizeAll(inputs, standardization, innermost));
  const programs: Record<string, Programs[string]> = { unit: { inputs, outputs: { unit } } };
  const width = (vector: Tensor): number => Number(vector.shape.at(-1));
  const contexts: Tensor[] = [];
  let within = width(unit);
  for (let depth = parts.length - 2; depth >= 0; depth--) {
    contexts.unshift(input("context", ["batch", within]));
    const vectors = input("vectors", ["batch", "groups", within]);
    const there = input("there", ["batch", "groups", 1]);
    const all = together(networks, scope, { vectors, there }, depth);
    programs[`together${depth}`] = { inputs: { vectors, there }, outputs: { unit: all } };
    within = width(all);
  }
  contexts.unshift(input("context", ["batch", within]));
  for (const [k, part] of parts.entries()) {
    const [context, density, above] = [contexts[k], densities[k], parts[k - 1]];
    if (context === undefined || density === undefined) throw new TypeError("a level has both");
    Object.assign(programs, levelPrograms(inference, scope, { k, part, above, density, context }));
  }
  return programs;
}

/** A level, and what its density is given. */
interface Given {
  readonly k: number;
  readonly part: LevelPart;
  /** The level above; of the globals none. */
  readonly above: LevelPart | undefined;
  readonly density: ConditionalDensity;
  readonly context: Tensor;
}

function levelPrograms(
  { standardization }: InferenceContext,
  scope: Scope,
  { k, part, above, density, context }: Given,
): Programs {
  const place = scope.child(`density${k}`);
  const space = unconstrainedMoments(standardization);
  const own = momentsBetween(space, part.from, part.to);
  const noise = density.noise(part.to - part.from);
  const parents = above && input("above", ["batch", "draws", above.end]);
  const u = parents && above && above.bijection.graph.inverse(parents);
  const shared = expandDims(context, 1);
  const given =
    u === undefined
      ? shared
      : beside(shared, standardizeLinearly(u, momentsBetween(space, 0, part.from)));
  const inputs = { context, ...(parents && { above: parents }) };
  const base: Record<string, Tensor> = {};
  if (noise.normal > 0) base["normal"] = input("normal", ["batch", "draws", noise.normal]);
  if (noise.uniform > 0) base["uniform"] = input("uniform", ["batch", "draws", noise.uniform]);
  const drawn = restore(density.sample(place, base, given), own);
  const all = part.bijection.graph.forward(u === undefined ? drawn : concat([u, drawn], -1));

  const asked = input("theta", ["batch", "draws", part.end - part.start]);
  const whole = parents === undefined ? asked : concat([parents, asked], -1);
  const lifted = part.bijection.graph.inverse(whole);
  const mine = slice(lifted, -1, part.from, part.to);
  const log = density.logDensity(place, standardizeLinearly(mine, own), given);
  const slopes = part.bijection.graph.logJacobian(lifted);
  const slope =
    u === undefined || above === undefined
      ? slopes
      : sub(slopes, above.bijection.graph.logJacobian(u));
  return {
    [`sample${k}`]: {
      inputs: { ...inputs, ...base },
      outputs: { theta: slice(all, -1, part.start, part.end) },
    },
    [`logDensity${k}`]: {
      inputs: { ...inputs, theta: asked },
      outputs: { logDensity: sub(log, add(slope, logScale(own))) },
    },
    ...(k === 0 &&
      density.denoise && {
        denoise: denoiseProgram(
          context,
          part.to,
          (x, level) => density.denoise?.(place, x, level, shared) ?? x,
        ),
      }),
  };
}
