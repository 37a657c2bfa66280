/**
 * What becomes of answers where the model does not describe the data: how often that is seen at 5 % false alarms, and how good answers are, of plain NPE, of NPE with a penalty on summaries, and
 * of NPE that learned from corrupted simulations.
 *
 *     npm run experiment:misspecification -- --simulations 4000 --tests 400 --out docs
 *
 * Of each task the three are trained on the same simulations, and asked about the same data sets, clean and with each fault at each size. Errors are root mean square errors of posterior means
 * over all parameters, in standard deviations of the prior. Rows are written as they come, and what OUT/misspecification.json has is not measured again.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { readFile, writeFile } from "node:fs/promises";
import { gaussianField } from "@amortis/gaussian-field";
import { gaussianLinear, slcp } from "@amortis/sbibm";
import {
  cnn,
  corruptSimulations,
  inShare,
  mlpSummary,
  npe,
  simulate,
  spikeAndSlab,
  splineCoupling,
  stream,
  train,
  type AnyModel,
  type NpeOptions,
  type SimulatedData,
} from "amortis";
import { fractionalRanks } from "amortis/diagnostics";
import { FAULTS, SIZES } from "./faults.js";
import { misspecificationFigure, misspecificationTable, type Row } from "./report.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "4000" },
    epochs: { type: "string", default: "15" },
    tests: { type: "string", default: "400" },
    /** Only tasks whose name has this in it. */
    task: { type: "string", default: "" },
    out: { type: "string", default: "docs" },
    /** Draws pictures and tables of rows that were measured before. */
    rows: { type: "string" },
  },
});
const [N, EPOCHS, TESTS] = [values.simulations, values.epochs, values.tests].map(Number);

interface Task {
  readonly model: AnyModel;
  readonly summary: () => NonNullable<NpeOptions["summary"]>;
}

const TASKS: Readonly<Record<string, Task>> = {
  "Gaussian field": {
    model: gaussianField,
    summary: () => cnn({ filters: [16, 32], dense: [32, 4] }),
  },
  "Gaussian linear": {
    model: gaussianLinear,
    summary: () => mlpSummary({ hidden: [64, 64], outputs: 12 }),
  },
  SLCP: { model: slcp, summary: () => mlpSummary({ hidden: [64, 64], outputs: 8 }) },
};

const CORRUPT = inShare(0.7, spikeAndSlab({ share: 0.15, spike: 0.1, slab: 1 }));

/** How an estimator is trained. */
const WAYS = [
  { name: "plain", mmd: 0 },
  { name: "penalty", mmd: 1 },
  { name: "corrupted", mmd: 1, corrupt: CORRUPT },
] as const;

/** Rows of each way of training that is not among those known. */
async function* measure(
  name: string,
  { model, summary }: Task,
  known: readonly Row[],
): AsyncGenerator<Row[]> {
  const missing = WAYS.filter(
    ({ name: way }) => !known.some((row) => row.task === name && row.way === way),
  );
  if (missing.length === 0) return;
  const [simulations = 0, epochs = 0, tests = 0] = [N, EPOCHS, TESTS];
  const data = await simulate(model, { simulations, seed: 1 });
  const clean = await simulate(model, { simulations: tests, seed: "misspecification" });
  const cases: (readonly [fault: string, size: number, data: SimulatedData])[] = [
    ["none", 0, clean],
    ...Object.entries(FAULTS).flatMap(([fault, ofSize]) =>
      SIZES.map((size) => {
        return [fault, size, corruptSimulations(model, clean, ofSize(size), 1)] as const;
      }),
    ),
  ];
  for (const { name: way, mmd, ...options } of missing) {
    const rows: Row[] = [];
    const method = npe(model, { summary: summary(), density: splineCoupling(), mmd });
    const estimator = await train(method, {
      data,
      epochs,
      learningRate: 2e-3,
      weightDecay: 0.05,
      threads: 1,
      seed: 1,
      onWarning: () => {},
      ...options,
    });
    for (const [fault, size, test] of cases) {
      rows.push({ task: name, way, fault, size, ...(await scored(estimator, test)) });
    }
    await estimator.release();
    console.error(`${name}, ${way}: done`);
    yield rows;
  }
}

type Answering = Awaited<ReturnType<typeof train<AnyModel, "posterior">>>;

/** Power at 5 %, the error of posterior means, and the coverage of 90 % intervals. */
async function scored(
  estimator: Answering,
  { data, parameters, size }: SimulatedData,
): Promise<Pick<Row, "power" | "error" | "coverage">> {
  const pValues = (await estimator.typicality(data)) ?? new Float64Array(size).fill(1);
  const { draws, parameterNames } = await estimator.givenBatch(data, { samples: 199 });
  const p = parameterNames.length;
  const { mean: center, sd } = estimator.details.standardization.parameters;
  let [squares, covered] = [0, 0];
  for (let k = 0; k < p; k++) {
    const column = (from: ArrayLike<number>) =>
      Float64Array.from({ length: from.length / p }, (_, i) => from[i * p + k] ?? Number.NaN);
    const [own, truth] = [column(draws), column(parameters)];
    const ranks = fractionalRanks(own, truth, stream("ranks"));
    covered += ranks.filter((rank) => Math.abs(rank - 0.5) < 0.45).length;
    for (let i = 0; i < size; i++) {
      const mean = own.subarray(i * 199, (i + 1) * 199).reduce((a, b) => a + b, 0) / 199;
      squares += ((mean - (truth[i] ?? 0)) / (sd[k] ?? 1)) ** 2;
    }
  }
  if (center.length !== p) throw new TypeError("moments are of each parameter");
  return {
    power: pValues.filter((pValue) => pValue < 0.05).length / size,
    error: Math.sqrt(squares / (size * p)),
    coverage: covered / (size * p),
  };
}

async function allRows(): Promise<readonly Row[]> {
  if (values.rows !== undefined) return JSON.parse(await readFile(values.rows, "utf8")) as Row[];
  const path = `${values.out}/misspecification.json`;
  const rows = existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as Row[]) : [];
  for (const [name, task] of Object.entries(TASKS)) {
    if (!name.toLowerCase().includes(values.task.toLowerCase())) continue;
    for await (const more of measure(name, task, rows)) {
      rows.push(...more);
      await writeFile(path, JSON.stringify(rows, undefined, 1));
    }
  }
  return rows;
}

const rows = await allRows();
console.log(misspecificationTable(rows));
await writeFile(`${values.out}/misspecification.svg`, misspecificationFigure(rows));
