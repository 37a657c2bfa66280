/**
 * Hierarchies against exact posteriors: CRPS over that of the exact posterior, and coverage, of globals and locals, by number and size of groups; and seconds an answer.
 *
 *     npm run experiment:hierarchies -- --simulations 10000 --epochs 15 --sets 40
 *     npm run experiment:hierarchies -- --density diffusion --only many,seconds      the globals of many groups by composed scores
 */
import { parseArgs } from "node:util";
import { crps } from "amortis/diagnostics";
import {
  deepSet,
  diffusion,
  hierarchical,
  mlp,
  splineCoupling,
  stream,
  train,
  type HierarchyEstimator,
  type HierarchyPosterior,
} from "amortis/extend";
import { drawHierarchy, exactDraws, GROUPS, normalHierarchy } from "./normal.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "10000" },
    epochs: { type: "string", default: "15" },
    sets: { type: "string", default: "40" },
    density: { type: "string", default: "spline" },
    only: { type: "string", default: "few,many,seconds" },
  },
});
const [simulations, epochs, sets] = [values.simulations, values.epochs, values.sets].map(Number);

const model = normalHierarchy();
type P = (typeof model)["parameters"];

const DRAWS = 400;
/** Groups of each hierarchy whose locals are scored. */
const SCORED = 8;
const QUANTITIES = ["mu", "tau", "theta"] as const;
type Quantity = (typeof QUANTITIES)[number];

const hidden = { hidden: [32], activation: "silu" } as const;
const flow = splineCoupling({ hidden: [64, 64], activation: "silu" });

async function trained(): Promise<HierarchyEstimator<P>> {
  const summary = deepSet({ phi: mlp(hidden), features: 32, rho: mlp(hidden), outputs: 16 });
  const density = values.density === "diffusion" ? diffusion() : flow;
  return train(hierarchical(model, { summary, density }), {
    simulations: simulations ?? 10_000,
    epochs: epochs ?? 15,
    seed: 1,
    progress: false,
  });
}

/** Scores of a quantity, ours and the exact posterior's. */
interface Scores {
  readonly own: number[];
  readonly exact: number[];
  readonly inside: number[];
  readonly exactInside: number[];
}

function isInside(draws: ArrayLike<number>, truth: number): number {
  const sorted = Float64Array.from(draws).toSorted();
  const at = (level: number): number => sorted[Math.round(level * (sorted.length - 1))] ?? 0;
  return at(0.05) <= truth && truth <= at(0.95) ? 1 : 0;
}

function column(posterior: HierarchyPosterior<P>, place: number): Float64Array {
  const p = posterior.all.parameterNames.length;
  return Float64Array.from({ length: DRAWS }, (_, i) => posterior.draws[i * p + place] ?? 0);
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

/** A ratio of means with its standard error over hierarchies. */
function ratioOf({ own, exact }: Scores): string {
  const ratio = mean(own) / mean(exact);
  const left = own.map((value, i) => value - ratio * (exact[i] ?? 0));
  const error = Math.sqrt(mean(left.map((value) => value ** 2)) / own.length) / mean(exact);
  return `${ratio.toFixed(3)} ± ${error.toFixed(3)}`;
}

const percent = (list: readonly number[]): string => `${Math.round(100 * mean(list))} %`;

async function measure(
  estimator: HierarchyEstimator<P>,
  groups: number,
  elements: number,
  blocks?: number,
): Promise<void> {
  const empty = (): Scores => ({ own: [], exact: [], inside: [], exactInside: [] });
  const scores: Record<Quantity, Scores> = { mu: empty(), tau: empty(), theta: empty() };
  const count = groups > 200 ? Math.ceil((sets ?? 40) / 4) : (sets ?? 40);
  let milliseconds = 0;
  for (let set = 0; set < count; set++) {
    const random = stream(`${groups} groups of ${elements}`).split(set);
    const truth = drawHierarchy(groups, elements, random);
    const exact = exactDraws(truth.y, DRAWS, random.split("exact"));
    const started = performance.now();
    const posterior = await estimator.given(
      { y: truth.y },
      { samples: DRAWS, seed: set, ...(blocks !== undefined && { blocks }) },
    );
    milliseconds += performance.now() - started;
    const add = (
      name: Quantity,
      pairs: readonly (readonly [Float64Array, Float64Array, number])[],
    ) => {
      const one = scores[name];
      one.own.push(mean(pairs.map(([own, , value]) => crps(own, value))));
      one.exact.push(mean(pairs.map(([, other, value]) => crps(other, value))));
      one.inside.push(mean(pairs.map(([own, , value]) => isInside(own, value))));
      one.exactInside.push(mean(pairs.map(([, other, value]) => isInside(other, value))));
    };
    add("mu", [[column(posterior, 0), exact.mu, truth.mu]]);
    add("tau", [[column(posterior, 1), exact.tau, truth.tau]]);
    add(
      "theta",
      truth.theta
        .slice(0, SCORED)
        .map((value, j) => [column(posterior, 2 + j), exact.theta[j] ?? new Float64Array(), value]),
    );
  }
  const cells = QUANTITIES.map(
    (name) =>
      `${ratioOf(scores[name])} | ${percent(scores[name].inside)} (${percent(scores[name].exactInside)})`,
  );
  console.log(
    `| ${groups} of ${elements}${blocks === undefined ? "" : `, blocks of ${blocks}`} | ${cells.join(" | ")} | ${(milliseconds / count).toFixed(0)} |`,
  );
}

async function main(): Promise<void> {
  const started = performance.now();
  const estimator = await trained();
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${values.density}: trained on ${simulations} simulations in ${seconds.toFixed(0)} s`,
  );
  console.log("| groups | μ | 90 % (exact) | τ | 90 % (exact) | θ | 90 % (exact) | ms |");
  console.log("|---|---|---|---|---|---|---|---|");
  const parts = values.only.split(",");
  const few = [
    [3, 1],
    [3, 8],
    [10, 3],
    [32, 3],
    [32, 8],
  ] as const;
  for (const [groups, elements] of parts.includes("few") ? few : []) {
    await measure(estimator, groups, elements);
  }
  for (const groups of parts.includes("many") ? [100, 1000] : []) {
    await measure(estimator, groups, 3, GROUPS);
  }
  const many = drawHierarchy(10_000, 3, stream("many"));
  for (const samples of parts.includes("seconds") ? [100, 1000] : []) {
    const begun = performance.now();
    await estimator.given({ y: many.y }, { samples, blocks: GROUPS });
    console.log(
      `10,000 groups, ${samples} draws: ${((performance.now() - begun) / 1000).toFixed(1)} s`,
    );
  }
  await estimator.release();
}

await main();
