/**
 * The densities of which an estimator of posteriors consists, as its file describes them: what can be learned further.
 */
import {
  add,
  concat,
  expandDims,
  input,
  logSumExp,
  Scope,
  split,
  sub,
  UnsupportedError,
  Variables,
  type Tensor,
} from "@amortis/graph";
import { specsOf } from "../data/array-spec.js";
import { lessTrend, trendLogScale } from "../data/linear-trend.js";
import { densityFromJSON, type ConditionalDensity } from "../densities/index.js";
import type { Contents } from "../estimators/contents.js";
import { besideSummary, locationIn } from "../methods/posterior-programs.js";
import { summaryNetworkFromJSON } from "../networks/from-json.js";

/** One density of a mixture, or the only one. */
export interface FamilyMember {
  /** Names of the scopes, from the root, in which its variables are. */
  readonly scope: readonly string[];
  readonly density: ConditionalDensity;
  readonly weight: number;
  /** Numbers of its context; undefined where the context is its alone. */
  readonly width: number | undefined;
}

/**
 * The densities of an estimator, in the order of their contexts.
 *
 * @throws UnsupportedError where there is none, or one is not learned by its log-density.
 */
export function densityFamily({ details }: Pick<Contents, "details">): readonly FamilyMember[] {
  const { description, training, standardization } = details;
  const answering = (training.members ?? []).flatMap((member, k) =>
    member.weight > 0 ? [{ ...member, scope: [`member${k}`, "density"] }] : [],
  );
  const [only] = answering;
  if (only === undefined) {
    return [{ scope: ["density"], density: densityIn(description), weight: 1, width: undefined }];
  }
  return answering.map((member) => ({
    scope: member.scope,
    density: densityIn(member.description),
    weight: member.weight,
    width:
      answering.length === 1
        ? undefined
        : widthOf(member.description, details) + besideSummary(standardization.trend),
  }));
}

/**
 * log q(v | context) of the mixture, of v in standardised unconstrained space: v [batch, k] and context [1, width] to [batch].
 */
export function familyLogDensity(
  scope: Scope,
  family: readonly FamilyMember[],
  v: Tensor,
  whole: Tensor,
  { details }: Pick<Contents, "details">,
): Tensor {
  const { trend } = details.standardization;
  const widths = family.map((member) => member.width ?? Number(whole.shape.at(-1)));
  const contexts = family.length === 1 ? [whole] : split(whole, widths, -1);
  const each = family.map(({ density, scope: names, weight }, k) => {
    const place = names.reduce((at, name) => at.child(name), scope);
    const context = contexts[k] ?? whole;
    const left = trend === undefined ? v : lessTrend(v, locationIn(context, trend), trend);
    const log = density.logDensity(place, left, context);
    const own = trend === undefined ? log : sub(log, trendLogScale(trend));
    return expandDims(add(own, Math.log(weight)), 0);
  });
  return logSumExp(concat(each, 0), { axes: [0] });
}

function densityIn(description: unknown): ConditionalDensity {
  const found = part(description, "density");
  if (found === undefined) {
    throw new UnsupportedError(
      "there is no density to refine: its description has none; train npe or variational",
    );
  }
  const density = densityFromJSON(found);
  if (density.loss === undefined && density.withoutDensity !== true) return density;
  throw new UnsupportedError(
    `a density "${density.kind}" is not learned by its log-density, and is not refined: ask for answer "mcmc", or train npe with splineCoupling() or another flow`,
  );
}

/** Length of the summary that a network makes of the data. */
function widthOf(description: unknown, { description: whole, model }: Contents["details"]): number {
  if (part(whole, "transform") !== undefined) {
    throw new UnsupportedError(
      "several networks with a transform of the data are not refined: train one, members: 1",
    );
  }
  const summary = summaryNetworkFromJSON(part(description, "summary"));
  const inputs = Object.entries(specsOf(model.data)).map(([name, { shape }]) => [
    name,
    input(name, ["batch", ...shape]),
  ]);
  const scope = Scope.root(new Variables(), "inference");
  return Number(summary.apply(scope, Object.fromEntries(inputs)).shape.at(-1));
}

function part(description: unknown, name: string): unknown {
  if (typeof description !== "object" || description === null) return undefined;
  return Object.entries(description).find(([key]) => key === name)?.[1];
}
