/**
 * All methods on models whose posteriors are known, beside exact answers and MCMC: how good, and what they cost.
 *
 *     npm run experiment:conjugate -- --simulations 5000 --epochs 15 --sets 200 --out rows.json --picture docs/conjugate.svg
 *     npm run experiment:conjugate -- --models "normal mean" --methods npe,abc --sets 40 --simulations 2000 --epochs 8
 *     npm run experiment:conjugate -- --draw rows.json --picture docs/conjugate.svg
 *
 * CRPS is in that of the exact posterior by as many draws, which nothing can beat in expectation. Training is of one network each, on one thread.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  abc,
  anyToAny,
  modelPosterior,
  nbe,
  nle,
  npe,
  nre,
  nuts,
  simulate,
  syntheticLikelihood,
  telescoping,
  train,
  variational,
  type AnyModel,
} from "amortis";
import { curvesPanel, figure, palette, saveFigure, type Panel } from "amortis/figures";
import { CONJUGATE, exactOf, type Conjugate } from "./models.js";
import { cellsOf, scoreOf, type Score } from "./score.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "5000" },
    epochs: { type: "string", default: "15" },
    sets: { type: "string", default: "200" },
    /** Of `CONJUGATE`, by their names, with commas between; all by default. */
    models: { type: "string" },
    /** Those beside the exact posterior, by their names in the table; all by default. */
    methods: { type: "string" },
    out: { type: "string" },
    /** Rows that were measured before: nothing is measured. */
    draw: { type: "string" },
    picture: { type: "string" },
  },
});

/** Draws of each posterior. */
const DRAWS = 1_000;

interface Row {
  readonly model: string;
  readonly method: string;
  readonly score?: Score;
  /** Root mean square distance of means from the exact ones, where that is all there is. */
  readonly mean?: number;
  readonly training: number;
  /** Milliseconds of a data set, all in one batch. */
  readonly each: number;
}

const METHODS = {
  npe: (model: AnyModel) => npe(model, { members: 1, emulations: 0 }),
  variational: (model: AnyModel) => variational(model),
  anyToAny: (model: AnyModel) => anyToAny(model),
  nle: (model: AnyModel) => nle(model),
  // What it does by itself of counts, undone.
  "nle as a density": (model: AnyModel) =>
    nle(model, {
      discrete: Object.fromEntries(Object.keys(model.dataShapes).map((key) => [key, "continuous"])),
    }),
  "synthetic likelihood": (model: AnyModel) => syntheticLikelihood(model),
  nre: (model: AnyModel) => nre(model),
  telescoping: (model: AnyModel) => telescoping(model),
  abc: (model: AnyModel) => abc(model),
} as const;
const DIRECT = { grid: {}, "MCMC (NUTS)": { sampler: nuts() } } as const;
const POINTS = "nbe (means)";

const asked = values.methods?.split(",").map((method) => method.trim());
const known = [...Object.keys(DIRECT), ...Object.keys(METHODS), POINTS];
const unknown = asked?.find((method) => !known.includes(method));
if (unknown !== undefined) {
  throw new RangeError(`there is no method "${unknown}" here: ${known.join(", ")}`);
}

const isAsked = ([method]: readonly [string, ...unknown[]]): boolean =>
  asked?.includes(method) ?? true;

async function timed<T>(what: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const result = await what();
  return [result, (performance.now() - started) / 1000];
}

async function measure(conjugate: Conjugate): Promise<readonly Row[]> {
  const { name, model } = conjugate;
  const size = Number(values.sets);
  const { data, parameters } = await simulate(model, {
    simulations: size,
    seed: "conjugate",
    workers: 0,
  });
  const [column = new Float64Array()] = Object.values(data);
  const exact = exactOf(conjugate, column, size, DRAWS, "exact");
  const rows: Row[] = [];
  const keep = (row: Omit<Row, "model">): void => {
    rows.push({ model: name, ...row });
    console.log(line({ model: name, ...row }));
  };
  const again = exactOf(conjugate, column, size, DRAWS, "again");
  keep({ method: "exact", score: scoreOf(again, exact, parameters, 1), training: 0, each: 0 });
  for (const [method, how] of Object.entries(DIRECT).filter(isAsked)) {
    const [batch, seconds] = await timed(() =>
      modelPosterior(model, { ...data }, { samples: DRAWS, ...how }),
    );
    const score = scoreOf({ draws: batch.draws, each: DRAWS }, exact, parameters, 1);
    keep({ method, score, training: 0, each: (1000 * seconds) / size });
  }
  const settings = {
    simulations: Number(values.simulations),
    epochs: Number(values.epochs),
    seed: 1,
    workers: 0,
    threads: 1,
    calibrate: false,
    progress: false,
    onWarning: () => undefined,
  } as const;
  for (const [method, make] of Object.entries(METHODS).filter(isAsked)) {
    const [estimator, training] = await timed(() => train(make(model), settings));
    // What is compiled when it is first asked is no part of an answer's time.
    const one = Object.fromEntries(
      Object.entries(data).map(([key, all]) => [key, all.subarray(0, all.length / size)]),
    );
    await estimator.given(one, { samples: 10 });
    const [batch, seconds] = await timed(() =>
      estimator.givenBatch({ ...data }, { samples: DRAWS }),
    );
    const score = scoreOf({ draws: batch.draws, each: DRAWS }, exact, parameters, 1);
    keep({ method, score, training, each: (1000 * seconds) / size });
    await estimator.release();
  }
  if (!isAsked([POINTS])) return rows;
  const [points, training] = await timed(() => train(nbe(model), settings));
  await points.estimateBatch({ ...data });
  const [estimates, seconds] = await timed(() => points.estimateBatch({ ...data }));
  const [own = new Float64Array()] = Object.values(estimates);
  const squares = exact.mean.reduce(
    (sum, value, i) => sum + ((Number(own[i]) - value) / (exact.sd[i] ?? 1)) ** 2,
    0,
  );
  const mean = Math.sqrt(squares / size);
  keep({ method: POINTS, mean, training, each: (1000 * seconds) / size });
  await points.release();
  return rows;
}

function line({ model, method, score, mean, training, each }: Row): string {
  const cells = score ? cellsOf(score) : ["", (mean ?? Number.NaN).toFixed(2), "", ""];
  const costs = [training.toFixed(1), each.toPrecision(2)];
  return `| ${[model, method, ...cells, ...(method === "exact" ? ["", ""] : costs)].join(" | ")} |`;
}

/** CRPS over what an answer takes, a panel for each model. */
function picture(rows: readonly Row[]): string {
  const methods = [...new Set(rows.map(({ method }) => method))].filter(
    (method) => method !== "exact" && method !== POINTS,
  );
  const colors = [
    palette.grey,
    palette.vermillion,
    palette.blue,
    palette.sky,
    palette.orange,
    palette.green,
    palette.purple,
    palette.yellow,
    palette.black,
  ];
  const styleOf = (method: string) => {
    const at = methods.indexOf(method);
    const color = colors[at % colors.length] ?? palette.grey;
    return { color, width: 2, ...(at >= colors.length && { dash: "4,3" }) };
  };
  const panels = [...new Set(rows.map(({ model }) => model))].map((model): Panel => {
    const own = rows.filter((row) => row.model === model && methods.includes(row.method));
    return curvesPanel({
      title: model,
      width: 300,
      height: 260,
      curves: own.map(({ method, score, each }) => ({
        x: [each],
        y: [score?.crps[0] ?? Number.NaN],
        style: styleOf(method),
        points: true,
      })),
      xLabel: "milliseconds a data set",
      yLabel: "CRPS in the exact posterior's",
      xLog: true,
    });
  });
  return figure({
    title: "Conjugate models: what answers are worth, and what they take",
    subtitle:
      "CRPS in that of the exact posterior, over what an answer takes where all are asked at once",
    rows: [
      {
        legend: methods.map((label) => ({ label, style: styleOf(label), mark: "area" as const })),
        panels,
      },
    ],
  });
}

console.log(
  "| model | method | CRPS, relative | mean off by, sd | sd, relative | 90 % intervals, % | training, s | ms a data set |\n|---|---|---|---|---|---|---|---|",
);
const rows: Row[] = [];
if (values.draw === undefined) {
  const models = values.models?.split(",");
  for (const conjugate of CONJUGATE) {
    if (models?.includes(conjugate.name) ?? true) {
      rows.push(...(await measure(conjugate)));
    }
  }
} else {
  rows.push(...(JSON.parse(readFileSync(values.draw, "utf8")) as readonly Row[]));
  for (const row of rows) console.log(line(row));
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(rows)}\n`);
if (values.picture !== undefined) await saveFigure(values.picture, picture(rows));
