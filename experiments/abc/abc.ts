/**
 * Amortized ABC against neural methods, over the dimension of the data, the budget of simulations and the width of the prior: the review's third open question.
 *
 *     npm run experiment:abc -- --sets 200 --epochs 15 --out rows.json --picture docs/abc-or-networks.svg
 *     npm run experiment:abc -- --draw rows.json --picture docs/abc-or-networks.svg
 *
 * θ ~ N(0, w² I₂), y_j ~ N(θ_{j mod 2}, d / 2), j = 1 .. d: the mean of the d / 2 replicates of each parameter has variance 1 whatever d, so that the posterior N(ȳ w² / (w² + 1), w² / (w² + 1)) is
 * the same problem in more numbers. ABC takes the data as they are, or posterior means that a network learned; both with regression adjustment, the nearest rows of one table for every data set.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { abc, defineModel, independent, normal, npe, nre, simulate, stream, train } from "amortis";
import type { AnyModel } from "amortis";
import { curvesPanel, figure, palette, saveFigure, type Panel } from "amortis/figures";
import { cellsOf, scoreOf, type ExactAnswers, type Score } from "../conjugate/score.js";

const { values } = parseArgs({
  options: {
    sets: { type: "string", default: "200" },
    epochs: { type: "string", default: "15" },
    out: { type: "string" },
    /** Rows that were measured before: nothing is measured. */
    draw: { type: "string" },
    picture: { type: "string" },
  },
});

/** Draws of each posterior. */
const DRAWS = 500;

interface Case {
  readonly dimension: number;
  readonly simulations: number;
  readonly width: number;
}

/** What is varied, one at a time, about the case in the middle. */
const BASE: Case = { dimension: 8, simulations: 4_000, width: 3 };
const VARIED = {
  dimension: [2, 8, 32],
  simulations: [1_000, 4_000],
  width: [1, 3, 10],
} as const;

interface Row extends Case {
  readonly method: string;
  readonly score: Score;
  readonly training: number;
  readonly each: number;
}

const METHODS = {
  "abc, data": (model: AnyModel) => abc(model, { summary: "data" }),
  "abc, learned": (model: AnyModel) => abc(model, { summary: "learned" }),
  npe: (model: AnyModel) => npe(model, { members: 1, emulations: 0 }),
  nre: (model: AnyModel) => nre(model),
} as const;

function modelOf({ dimension, width }: Case): AnyModel {
  const sd = Math.sqrt(dimension / 2);
  return defineModel({
    name: "means",
    parameters: { theta: independent([normal(0, width), normal(0, width)]) },
    data: { y: [dimension] },
    simulate: ({ theta }, random) => ({
      y: Array.from({ length: dimension }, (_, j) => (theta[j % 2] ?? 0) + sd * random.normal()),
    }),
  });
}

function exactOf({ dimension, width }: Case, y: ArrayLike<number>, size: number): ExactAnswers {
  const variance = width ** 2 / (width ** 2 + 1);
  const mean = new Float64Array(2 * size);
  for (let at = 0; at < size * dimension; at++) {
    const [i, k] = [Math.floor(at / dimension), at % 2];
    mean[2 * i + k] = (mean[2 * i + k] ?? 0) + ((y[at] ?? 0) * variance) / (dimension / 2);
  }
  const sd = new Float64Array(2 * size).fill(Math.sqrt(variance));
  const random = stream("exact");
  const draws = Float64Array.from(
    { length: 2 * size * DRAWS },
    (_, at) =>
      (mean[2 * Math.floor(at / 2 / DRAWS) + (at % 2)] ?? 0) +
      Math.sqrt(variance) * random.normal(),
  );
  return { mean, sd, draws, each: DRAWS };
}

async function measure(one: Case): Promise<readonly Row[]> {
  const model = modelOf(one);
  const size = Number(values.sets);
  const { data, parameters } = await simulate(model, {
    simulations: size,
    seed: "abc",
    workers: 0,
  });
  const y = data["y"] ?? new Float64Array();
  const exact = exactOf(one, y, size);
  const rows: Row[] = [];
  for (const [method, make] of Object.entries(METHODS)) {
    const started = performance.now();
    const estimator = await train(make(model), {
      simulations: one.simulations,
      epochs: Number(values.epochs),
      seed: 1,
      workers: 0,
      threads: 1,
      calibrate: false,
      progress: false,
      onWarning: () => undefined,
    });
    const training = (performance.now() - started) / 1000;
    await estimator.given({ y: y.subarray(0, one.dimension) }, { samples: 10 });
    const asked = performance.now();
    const batch = await estimator.givenBatch({ y }, { samples: DRAWS });
    const each = (performance.now() - asked) / size;
    const score = scoreOf({ draws: batch.draws, each: DRAWS }, exact, parameters, 2);
    const row = { ...one, method, score, training, each };
    rows.push(row);
    console.log(line(row));
    await estimator.release();
  }
  return rows;
}

function line({ dimension, simulations, width, method, score, training, each }: Row): string {
  const cells = [dimension, simulations, width, method, ...cellsOf(score)];
  return `| ${[...cells, training.toFixed(1), each.toPrecision(2)].join(" | ")} |`;
}

const STYLES = {
  "abc, data": { color: palette.orange, width: 2 },
  "abc, learned": { color: palette.vermillion, width: 2 },
  npe: { color: palette.blue, width: 2 },
  nre: { color: palette.green, width: 2 },
} as const;

function picture(rows: readonly Row[]): string {
  const labels = {
    dimension: "numbers of a data set",
    simulations: "simulations",
    width: "prior sd",
  };
  const panels = Object.entries(labels).map(([what, xLabel]): Panel => {
    const key = what === "dimension" || what === "simulations" ? what : "width";
    const own = rows.filter((row) =>
      (["dimension", "simulations", "width"] as const).every(
        (other) => other === key || row[other] === BASE[other],
      ),
    );
    return curvesPanel({
      title: `over the ${key === "width" ? "width of the prior" : xLabel}`,
      width: 300,
      height: 260,
      curves: Object.entries(STYLES).map(([method, style]) => {
        const points = own
          .filter((row) => row.method === method)
          .toSorted((a, b) => a[key] - b[key]);
        return {
          x: points.map((row) => row[key]),
          y: points.map(({ score }) => score.crps[0]),
          style,
        };
      }),
      xLabel,
      yLabel: "CRPS in the exact posterior's",
      xLog: true,
    });
  });
  return figure({
    title: "Amortized ABC against neural methods",
    subtitle: `elsewhere ${BASE.dimension} numbers, ${BASE.simulations} simulations, prior sd of ${BASE.width} where data have 1`,
    rows: [{ legend: Object.entries(STYLES).map(([label, style]) => ({ label, style })), panels }],
  });
}

const cases = [
  BASE,
  ...Object.entries(VARIED).flatMap(([what, all]) =>
    all.map((value): Case => ({ ...BASE, [what]: value })),
  ),
];
const known = new Map(cases.map((one) => [JSON.stringify(one), one]));
console.log(
  "| numbers | simulations | prior sd | method | CRPS, relative | mean off by, sd | sd, relative | 90 % intervals, % | training, s | ms a data set |\n|---|---|---|---|---|---|---|---|---|---|",
);
const rows: Row[] = [];
if (values.draw === undefined) {
  for (const one of known.values()) rows.push(...(await measure(one)));
} else {
  rows.push(...(JSON.parse(readFileSync(values.draw, "utf8")) as readonly Row[]));
  for (const row of rows) console.log(line(row));
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(rows)}\n`);
if (values.picture !== undefined) await saveFigure(values.picture, picture(rows));
