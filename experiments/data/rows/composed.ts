/**
 * Scores composed without new training, over replicates and over groups, up to 10,000 of them, beside exact posteriors.
 *
 *     replicates   θ ~ N(0, 1), y_i ~ N(θ, 1)
 *     groups       μ ~ N(0, 1), log τ ~ N(log ½, ½²), θ_j ~ N(μ, τ²), y_jk ~ N(θ_j, 1), k = 1 .. 4: one group is one data set of μ and τ, in which its θ_j is a nuisance
 */
import { existsSync } from "node:fs";
import {
  defineModel,
  diffusion,
  flowMatching,
  loadPosterior,
  normal,
  npe,
  Refusal,
  train,
  type AnyModel,
  type ConditionalDensity,
  type PosteriorSourceEstimator,
  type Stream,
} from "amortis/extend";
import {
  column,
  compareDraws,
  kept,
  testStream,
  timed,
  trainingOf,
  type Budget,
  type Row,
  type Score,
} from "../row.js";

const COUNTS = [1, 10, 100, 1000, 10_000];
const DRAWS = 1000;

/** Data sets of so many replicates or groups: fewer, where each is much. */
function setsOf({ sets }: Budget, count: number): number {
  return count >= 10_000 ? Math.ceil(sets / 10) : count >= 1000 ? Math.ceil(sets / 4) : sets;
}

const one = defineModel({
  name: "one",
  parameters: { theta: normal(0, 1) },
  data: { y: [] },
  simulate: ({ theta }, random) => ({ y: theta + random.normal() }),
});

const ELEMENTS = 4;
const LOG_TAU = { mean: Math.log(0.5), sd: 0.5 } as const;

const group = defineModel({
  name: "group",
  parameters: { mu: normal(0, 1), logTau: normal(LOG_TAU.mean, LOG_TAU.sd) },
  data: { y: [ELEMENTS] },
  simulate: ({ mu, logTau }, random) => {
    const theta = mu + Math.exp(logTau) * random.normal();
    return { y: Array.from({ length: ELEMENTS }, () => theta + random.normal()) };
  },
});

/** Parameters, a data set, and exact draws of each parameter. */
interface Case {
  readonly truth: readonly number[];
  readonly y: Float32Array;
  readonly exact: readonly Float64Array[];
}

function replicatesCase(count: number, random: Stream): Case {
  const theta = random.normal();
  const y = Float32Array.from({ length: count }, () => theta + random.normal());
  const mean = y.reduce((a, b) => a + b, 0) / (count + 1);
  const sd = 1 / Math.sqrt(count + 1);
  const exact = Float64Array.from({ length: DRAWS }, () => mean + sd * random.normal());
  return { truth: [theta], y, exact: [exact] };
}

/** Cells of a grid of log τ. */
const CELLS = 4000;

function groupsCase(count: number, random: Stream): Case {
  const mu = random.normal();
  const logTau = LOG_TAU.mean + LOG_TAU.sd * random.normal();
  const y = new Float32Array(count * ELEMENTS);
  const means = Array.from({ length: count }, (_, j) => {
    const theta = mu + Math.exp(logTau) * random.normal();
    for (let k = 0; k < ELEMENTS; k++) y[j * ELEMENTS + k] = theta + random.normal();
    const own = y.subarray(j * ELEMENTS, (j + 1) * ELEMENTS);
    return own.reduce((a, b) => a + b, 0) / ELEMENTS;
  });
  const center = means.reduce((a, b) => a + b, 0) / count;
  const squares = means.reduce((sum, value) => sum + (value - center) ** 2, 0);
  // Given τ, ȳ_j ~ N(μ, v), v = τ² + ¼, so that μ is normal, and log τ has a density of one number.
  const given = (at: number) => {
    const v = Math.exp(2 * at) + 1 / ELEMENTS;
    const precision = 1 + count / v;
    const weighted = (count * center) / v;
    const log =
      -0.5 * ((at - LOG_TAU.mean) / LOG_TAU.sd) ** 2 -
      0.5 * (count * Math.log(v) + (squares + count * center ** 2) / v + Math.log(precision)) +
      (0.5 * weighted ** 2) / precision;
    return { log, mean: weighted / precision, sd: 1 / Math.sqrt(precision) };
  };
  // Around the truth, where the posterior is narrow; six prior standard deviations at most.
  const half = Math.min(6 * LOG_TAU.sd, 30 / Math.sqrt(count));
  const [from, to] = [
    Math.max(LOG_TAU.mean - 6 * LOG_TAU.sd, logTau - half),
    Math.min(LOG_TAU.mean + 6 * LOG_TAU.sd, logTau + half),
  ];
  const width = (to - from) / CELLS;
  const logs = Float64Array.from({ length: CELLS }, (_, i) => given(from + (i + 0.5) * width).log);
  const most = logs.reduce((a, b) => Math.max(a, b));
  let total = 0;
  const cumulative = logs.map((log) => (total += Math.exp(log - most)));
  const exact = [new Float64Array(DRAWS), new Float64Array(DRAWS)] as const;
  for (let i = 0; i < DRAWS; i++) {
    const at = random.uniform() * total;
    const cell = cumulative.findIndex((sum) => sum >= at);
    const value = from + (cell + random.uniform()) * width;
    const { mean, sd } = given(value);
    exact[0][i] = mean + sd * random.normal();
    exact[1][i] = value;
  }
  return { truth: [mu, logTau], y, exact };
}

/** Scores of each parameter, by how many are composed. */
function composed(
  model: AnyModel,
  density: () => ConditionalDensity,
  what: string,
  draw: (count: number, random: Stream) => Case,
): Row["measure"] {
  return async (budget) => {
    const estimator = await estimatorOf(model, density(), budget);
    const scores: Score[] = [];
    for (const count of COUNTS) {
      const one = await kept(`${budget.keep}-${count}.json`, () =>
        scoresOf(estimator, model, count, budget, { what, draw }),
      );
      scores.push(...one);
    }
    await estimator.release();
    return scores;
  };
}

type Answers = Pick<PosteriorSourceEstimator<AnyModel["parameters"]>, "given" | "release">;

/** The estimator that a stopped run has kept, or else a trained one. */
async function estimatorOf(
  model: AnyModel,
  density: ConditionalDensity,
  budget: Budget,
): Promise<Answers> {
  const path = `${budget.keep}.amortis`;
  if (existsSync(path)) return loadPosterior(path, { model, threads: 1 });
  const made = await train(npe(model, { density, members: 1 }), {
    ...trainingOf(budget),
    checkpoint: `${budget.keep}.checkpoint`,
  });
  await made.save(path);
  return made;
}

async function scoresOf(
  estimator: Answers,
  model: AnyModel,
  count: number,
  budget: Budget,
  { what, draw }: { readonly what: string; readonly draw: (count: number, random: Stream) => Case },
): Promise<readonly Score[]> {
  const random = testStream(budget.seed, `composed ${what} ${count}`);
  const cases = Array.from({ length: setsOf(budget, count) }, (_, i) =>
    draw(count, random.split(i)),
  );
  const p = model.parameterSize;
  const shape = Object.values(model.dataShapes)[0] ?? [];
  const { value: all, milliseconds } = await timed(async () => {
    const draws: (ArrayLike<number> | undefined)[] = [];
    for (const [i, { y }] of cases.entries()) {
      const data = { y: { shape: [count, ...shape], data: y } };
      draws.push(await drawsOrNone(estimator, data, i));
    }
    return draws;
  });
  const answered = cases.flatMap((one, i) => {
    const draws = all[i];
    return draws === undefined ? [] : [{ ...one, draws }];
  });
  const refused = cases.length - answered.length;
  if (answered.length === 0) {
    process.stderr.write(`${count} ${what}: all ${refused} data sets are refused\n`);
    return [];
  }
  const of = refused === 0 ? what : `${what} (${refused} more refused)`;
  return model.parameterNames.map((name, k) =>
    compareDraws(
      `${name}, ${count} ${of}`,
      answered.map(({ truth }) => truth[k] ?? 0),
      answered.map(({ draws }) => column(draws, p, k)),
      answered.map(({ exact }) => exact[k] ?? []),
      milliseconds / cases.length,
    ),
  );
}

/** Draws given a data set; none where it is refused, as a composition that has not settled is. */
async function drawsOrNone(
  estimator: Answers,
  data: Parameters<Answers["given"]>[0],
  seed: number,
): Promise<ArrayLike<number> | undefined> {
  const asked = { replicates: "all", samples: DRAWS, seed } as const;
  try {
    return (await estimator.given(data, asked)).draws;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

const replicates = "replicates";
const groups = "groups of 4";

export const rows: readonly Row[] = [
  {
    name: "composed-replicates",
    about: "npe of one replicate by diffusion, scores composed",
    measure: composed(one, diffusion, replicates, replicatesCase),
  },
  {
    name: "composed-replicates-flow",
    about: "npe of one replicate by flow matching, composed",
    measure: composed(one, flowMatching, replicates, replicatesCase),
  },
  {
    name: "composed-groups",
    about: "npe of one group by diffusion, scores composed over groups",
    measure: composed(group, diffusion, groups, groupsCase),
  },
  {
    name: "composed-groups-flow",
    about: "npe of one group by flow matching, composed over groups",
    measure: composed(group, flowMatching, groups, groupsCase),
  },
];
