/**
 * A linear Gaussian state space model against exact answers: states by Kalman's filter and the Rauch-Tung-Striebel smoother where the parameters are known, and parameters and states together by a grid
 * over the evidence.
 */
import { smoothing, type AnyModel, type StatesEstimator } from "amortis/extend";
import { kalman, type Known } from "../../../packages/amortis/test/kalman.js";
import {
  drawSeries,
  exactPath,
  exactPosterior,
  linearSeries,
} from "../../../packages/amortis/test/linear-series.js";
import { stream } from "../../../packages/amortis/src/random/index.js";
import { average, columnOf, Scores } from "./scores.js";
import { trained, type Asked } from "./trained.js";

const DRAWS = 500;
const LENGTHS = [5, 20, 40];
const QUANTITIES = ["x_t given θ and all", "x_t given θ and the past", "x_t given all", "phi", "q"];

type Drawn = ReturnType<typeof drawSeries>;
type Note = (name: string, own: ArrayLike<number>, exact: ArrayLike<number>, truth: number) => void;

/** What is not a score: divergences, and covariances of neighbours with the exact ones. */
interface Apart {
  readonly divergences: number[];
  readonly neighbours: (readonly [own: number, exact: number])[];
}

export async function compareLinear(asked: Asked): Promise<void> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what tests have from the sources is a model of the built library too
  const model = linearSeries(5, 40) as unknown as AnyModel;
  const estimator = await trained(smoothing(model, { markov: asked.markov }), asked);
  console.log("| times | of | CRPS ratio | 90 % (exact) |\n|---|---|---|---|");
  for (const times of LENGTHS) {
    const scores = new Map(QUANTITIES.map((name) => [name, new Scores()]));
    const apart: Apart = { divergences: [], neighbours: [] };
    const note: Note = (name, ...found) => scores.get(name)?.add(...found);
    for (let set = 0; set < asked.sets; set++) {
      const random = stream(100 + times).split(set);
      const drawn = drawSeries(times, random);
      await scoreStates(estimator, drawn, { set, note, apart });
      await scoreTogether(estimator, drawn, { set, note });
    }
    for (const [name, score] of scores) {
      console.log(`| ${times} | ${name} | ${score.ratio()} | ${score.coverage()} |`);
    }
    const { divergences, neighbours } = apart;
    const covariance =
      average(neighbours.map(([own]) => own)) / average(neighbours.map(([, exact]) => exact));
    console.log(
      `${times} times: divergence of states given θ ${average(divergences).toFixed(4)} (${DRAWS} exact draws have ${(1 / DRAWS).toFixed(4)}), covariance of neighbours over the smoother's ${covariance.toFixed(3)}`,
    );
  }
  await estimator.release();
}

/** Times that are scored. */
function scored(times: number): readonly number[] {
  return [0, Math.floor(times / 2), times - 1];
}

/** States given the parameters, of the past and of all. */
async function scoreStates(
  estimator: StatesEstimator,
  { truth, x, y }: Drawn,
  { set, note, apart }: { readonly set: number; readonly note: Note; readonly apart: Apart },
): Promise<void> {
  const random = stream(7).split(set);
  const known = kalman(y, truth);
  const options = { samples: DRAWS, parameters: { phi: truth.phi, q: truth.q }, seed: set };
  const { all } = await estimator.given({ y }, options);
  const past = await estimator.filter({ y }, options);
  const paths = Array.from({ length: DRAWS }, () => exactPath(known, truth, random));
  for (const t of scored(y.length)) {
    const own = columnOf(all, `x[${t}]`);
    note(
      "x_t given θ and all",
      own,
      paths.map((path) => path[t] ?? NaN),
      x[t] ?? NaN,
    );
    apart.divergences.push(divergence(own, known, t));
    const [mean, sd] = [
      known.filtered.mean[t] ?? NaN,
      Math.sqrt(known.filtered.variance[t] ?? NaN),
    ];
    const exact = Array.from({ length: DRAWS }, () => mean + sd * random.normal());
    note("x_t given θ and the past", columnOf(past.at(t), "x"), exact, x[t] ?? NaN);
  }
  const t = Math.floor(y.length / 2);
  const both = covariance(columnOf(all, `x[${t}]`), columnOf(all, `x[${t + 1}]`));
  apart.neighbours.push([both, known.neighbours[t] ?? NaN]);
}

/** Parameters and states together. */
async function scoreTogether(
  estimator: StatesEstimator,
  { truth, x, y }: Drawn,
  { set, note }: { readonly set: number; readonly note: Note },
): Promise<void> {
  const random = stream(8).split(set);
  const grid = exactPosterior(y);
  const weights = grid.map(({ weight }) => weight);
  const { all } = await estimator.given({ y }, { samples: DRAWS, seed: set });
  const chosen = Array.from({ length: DRAWS }, () => {
    const point = grid[random.categorical(weights)];
    if (point === undefined) throw new TypeError("a grid has points");
    return { ...point, path: exactPath(point.known, point.at, random) };
  });
  // Within its cell of the grid a point may lie anywhere.
  const phis = chosen.map(({ at }) => at.phi + (0.95 / 40) * (random.uniform() - 0.5));
  const qs = chosen.map(({ at }) => at.q + (0.8 / 40) * (random.uniform() - 0.5));
  note("phi", columnOf(all, "phi"), phis, truth.phi);
  note("q", columnOf(all, "q"), qs, truth.q);
  for (const t of scored(y.length)) {
    const exact = chosen.map(({ path }) => path[t] ?? NaN);
    note("x_t given all", columnOf(all, `x[${t}]`), exact, x[t] ?? NaN);
  }
}

function covariance(a: Float64Array, b: Float64Array): number {
  const [first, second] = [average(a), average(b)];
  return average(a.map((value, i) => (value - first) * ((b[i] ?? NaN) - second)));
}

/** From the smoother's normal distribution to that of draws. */
function divergence(draws: Float64Array, { smoothed }: Known, t: number): number {
  const [m, v] = [average(draws), covariance(draws, draws)];
  const [mean, variance] = [smoothed.mean[t] ?? NaN, smoothed.variance[t] ?? NaN];
  return 0.5 * (Math.log(v / variance) + (variance + (m - mean) ** 2) / v - 1);
}
