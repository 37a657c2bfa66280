/**
 * Neural posterior estimation of hierarchies: the globals given all groups, the locals of each group given the globals and its own data.
 *
 * Given the globals φ, groups do not know of each other, so that the posterior is
 *
 *     p(φ, θ_1 ... θ_J | Z_1 ... Z_J) = p(φ | Z_1 ... Z_J) Π_j p(θ_j | φ, Z_j),
 *
 * of any number J. Each factor is a conditional density, and all are learned together by maximum likelihood from draws of the joint model,
 *
 *     min E [ -log q(φ | G{ s_1 ... s_J }) - log q(θ_1 | φ, s_1) ],      s_j = S(Z_j),
 *
 * where a network S makes a vector of each group, and one of sets, G, a vector of these (Habermann et al. 2024, arXiv 2408.13230; Heinrich et al. 2023, arXiv 2306.17645).
 * Groups are exchangeable, so that the first stands for all. In groups within groups it goes on so: the vector of a class is S's, that of a school G's of its classes, and locals are given those
 * above them.
 *
 * Locals are learned in unconstrained space, where a `dependent` prior does not depend on the globals: the parametrisation called non-centred.
 */
import { add, concat, neg, slice, UnsupportedError, type Tensor } from "@amortis/graph";
import * as z from "zod";
import { specToJSON } from "../data/array-spec.js";
import { densitySlot, type ConditionalDensity } from "../densities/density.js";
import { splineCoupling } from "../densities/spline-coupling.js";
import type { AnyModel } from "../model/index.js";
import { deepSet } from "../networks/deep-set.js";
import { defaultSummary } from "../networks/default-summary.js";
import { mlp } from "../networks/mlp.js";
import { summarySlot } from "../networks/network.js";
import { Settings } from "../settings/settings.js";
import { hierarchyOf, levelParts, type LevelPart } from "./hierarchy-levels.js";
import { hierarchyPrograms } from "./hierarchy-programs.js";
import { firstVectors } from "./hierarchy-units.js";
import type { Method } from "./method.js";
import { FAST } from "./usual-training.js";

const settings = new Settings(
  "method",
  "hierarchical",
  z.strictObject({
    /** S, of one innermost group. By default what suits its arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    /** G, of the set of vectors of groups, the array `units`. */
    groups: summarySlot.default(() =>
      deepSet({ phi: mlp({ hidden: [64], activation: "silu" }), features: 64, outputs: 32 }),
    ),
    /** q(φ | ...). */
    density: densitySlot.default(() => splineCoupling({ activation: "silu" })),
    /** q(θ_j | φ, ...), of every level. By default spline flows, of fewer layers where a group has one parameter. */
    locals: densitySlot.optional(),
  }),
  { about: "posteriors of groups within groups" },
);

/** Networks of hierarchies. */
export type HierarchicalOptions = z.input<typeof settings.schema>;

/**
 * Neural posterior estimation of hierarchies: one training answers the parameters of all groups together, and of each of any number of groups of any size.
 *
 * @param options defaults: spline flows; sets of groups by `deepSet`; innermost groups by what their data are.
 * @throws InvalidArgumentError where the model has no groups; UnsupportedError where a parameter is discrete.
 * @example
 * const estimator = await train(hierarchical(schools), { simulations: 20_000 });
 * (await estimator.given({ y, sigma })).mean().groups.school.theta;    // y and sigma: a row a school
 */
export function hierarchical<M extends AnyModel>(
  model: M,
  options: HierarchicalOptions = {},
): Method<M, "hierarchy"> {
  const resolved = settings.resolve(options);
  const hierarchy = hierarchyOf(settings.kind, model);
  const { innermost, levels } = hierarchy;
  const { groups, density } = resolved;
  const summary = resolved.summary ?? defaultSummary(innermost);
  const parts = levelParts(model, hierarchy);
  const own = (part: LevelPart, k: number): ConditionalDensity =>
    k === 0 ? density : (resolved.locals ?? localFlow(part.to - part.from));
  const densities = parts.map(own);
  const without = densities.find(({ withoutDensity }) => withoutDensity === true);
  if (without !== undefined) {
    throw new UnsupportedError(
      `hierarchical: ${without.kind} makes draws and has no density: take a flow, or flowMatching(), diffusion() or meanFlow()`,
    );
  }
  const networks = { summary, groups };
  const [limits] = densities.flatMap((one) => one.limits ?? []);
  return {
    name: settings.kind,
    model,
    description: settings.describe({
      summary,
      groups,
      density,
      ...(resolved.locals && { locals: resolved.locals }),
    }),
    usual: FAST,
    ...(limits !== undefined && { limits }),
    answers: {
      kind: "hierarchy",
      data: Object.fromEntries(
        Object.entries(innermost).map(([name, spec]) => [name, specToJSON(spec)]),
      ),
      parts: parts.map(({ name, start, end, from, to }, k) => ({
        name,
        size: end - start,
        noise: densities[k]?.noise(to - from) ?? { normal: 0, uniform: 0 },
        ...(k > 0 && { most: levels[k - 1]?.most ?? 1 }),
      })),
    },
    losses: (training) => {
      const { scope, data } = training;
      const v = training.unconstrained();
      const vectors = firstVectors(networks, scope, data, innermost, levels.length);
      return parts
        .map((part, k) => {
          const vector = vectors[k];
          const q = densities[k];
          if (vector === undefined || q === undefined) throw new TypeError("a level has a vector");
          const place = scope.child(`density${k}`);
          const context =
            part.from === 0 ? vector : concat([vector, slice(v, -1, 0, part.from)], -1);
          const mine = slice(v, -1, part.from, part.to);
          return q.loss?.(place, mine, context) ?? neg(q.logDensity(place, mine, context));
        })
        .reduce((a: Tensor, b) => add(a, b));
    },
    programs: (context) => hierarchyPrograms(context, { networks, innermost, parts, densities }),
  };
}
hierarchical.settings = settings;

/** Of one number, more layers than two say nothing that wider ones do not. */
function localFlow(dimension: number): ConditionalDensity {
  const common = { hidden: [64, 64], activation: "silu" } as const;
  return splineCoupling(dimension === 1 ? { ...common, layers: 2 } : common);
}
