/**
 * States that vary in time against exact answers, one model at a time.
 */
import { smoothing, type StatesEstimator } from "amortis/extend";
import { curvesPanel, figure, saveFigure, styles } from "amortis/figures";
import {
  varyingSir,
  varyingSirProcess,
  volatility,
  volatilityProcess,
  type VaryingSir,
  type Volatility,
} from "../../../models/dynamics/src/index.js";
import { compareLinear } from "./linear.js";
import { trained, type Asked } from "./trained.js";
import {
  chainColumn,
  compareWithParticles,
  drawSeries,
  exactChain,
  type Compared,
} from "./particles.js";

/** Names of the experiments. */
export const STATE_SPACE: readonly string[] = ["linear", "volatility", "varying-sir"];

/** Runs one. */
export async function runStateSpace(asked: Asked): Promise<void> {
  if (asked.only === "linear") return compareLinear(asked);
  const isVolatility = asked.only === "volatility";
  const estimator: StatesEstimator = isVolatility
    ? await trained(smoothing(volatility), asked)
    : await trained(smoothing(varyingSir, { markov: false }), asked);
  const of: Compared = {
    model: isVolatility ? volatility : varyingSir,
    estimator,
    process: isVolatility
      ? (y, { mu = 0, phi = 0, sigma = 0 }) =>
          volatilityProcess(y, { mu, phi, sigma } satisfies Volatility)
      : (y, { walk = 0, gamma = 0, infected = 0, size = 0 }) =>
          varyingSirProcess(y, { walk, gamma, infected, size } satisfies VaryingSir),
    state: isVolatility ? "h" : "logBeta",
    times: isVolatility ? 100 : 40,
    sets: asked.sets,
    particles: isVolatility ? 150 : 200,
    iterations: 6000,
  };
  await compareWithParticles(of);
  if (asked.picture !== undefined) await draw(of, asked.picture);
  await estimator.release();
}

/** A series, its state as smoothed, and as particles have it. */
async function draw(of: Compared, path: string): Promise<void> {
  const one = await drawSeries(of, 1000);
  const posterior = await of.estimator.given({ y: one.y }, { samples: 1000 });
  const chain = exactChain(of, one, 2000);
  const { size: width } = of.process(one.y, one.theta);
  const days = Array.from(one.y, (_, t) => t + 1);
  const seen = (values: ArrayLike<number>): number[] => Array.from(values, (h) => Math.exp(h / 2));
  const at = (level: number): number[] => seen(posterior.quantile(level).states[of.state] ?? []);
  const exact = (level: number): number[] =>
    seen(
      days.map((_, time) => {
        const sorted = chainColumn(chain, { time, width }).toSorted();
        return sorted[Math.round(level * (sorted.length - 1))] ?? NaN;
      }),
    );
  const panel = curvesPanel({
    curves: [
      { x: days, y: at(0.5), style: styles.approximate },
      { x: days, y: exact(0.05), style: styles.exact },
      { x: days, y: exact(0.95), style: styles.exact },
      { x: days, y: one.y.map(Math.abs), style: styles.miss, points: true },
    ],
    bands: [{ x: days, lower: at(0.05), upper: at(0.95), style: styles.approximate }],
    xLabel: "day",
    yLabel: "standard deviation of returns, %",
    width: 560,
    height: 280,
  });
  const svg = figure({
    title: "Stochastic volatility, smoothed",
    subtitle: "Sizes of returns, and exp(h / 2): median and 90 %; dashes: 90 % by particles",
    rows: [{ panels: [panel] }],
  });
  await saveFigure(path, svg);
}
