/**
 * Methods of the first experiment that see a summary of the field: rKL2 with an expert's, rKL3 with one that was learned.
 *
 * The binding functions of the summary are learned first; with them as the likelihood a variational network learns the posterior. It sees
 * the summary alone, of which that posterior is a function. What the summary's own posterior would give is computed too: under the
 * learned likelihood, on a grid; and without any network, from simulations whose summaries are nearest. Those are fresh: a learned summary
 * fits the fields that it was trained on, and has other values there.
 */
import {
  expertSummary,
  mlp,
  mlpSummary,
  splineCoupling,
  syntheticLikelihood,
  variational,
  type LikelihoodEstimator,
  type SimulatedData,
} from "amortis";
import {
  add,
  compile,
  expandDims,
  hostTensor,
  input,
  mean,
  mul,
  slice,
  square,
  sub,
  type Tensor,
  defaultRuntime,
  type DataTransform,
  type Column,
} from "amortis/extend";
import { gaussianField, MAX_RANGE } from "@amortis/gaussian-field";
import { answersOfDraws, kernelDensity, rounded } from "../answers.js";
import { gaussianFields } from "../fields.js";
import type { BindingFunctions } from "../results.js";
import { trainingSeconds, within, type Stage, type StageContext } from "../stage.js";
import { trainOnce, type TrainingCost } from "../training.js";
import { ofGaussian } from "./direct.js";
import {
  answerFields,
  byEstimator,
  CLOSE_GRID,
  costOf,
  together,
  trainingNote,
  type GaussianRecord,
  type Range,
} from "./gaussian.js";

/** Seconds of a step of a small network of a short summary. */
export const SMALL_STEP_SECONDS = 0.0006;
/** Draws of θ and of the summary in the figure. */
const SCATTER = 1_500;
/** Points at which binding functions are given. */
const BINDING_POINTS = 120;
/** Fields a summary is computed for at once. */
const BLOCK = 1_000;

/** What a stage of a summary leaves: three methods, and the binding functions. */
export interface SyntheticRecord {
  readonly variational: GaussianRecord;
  readonly grid: GaussianRecord;
  readonly summary: GaussianRecord;
  readonly binding: BindingFunctions;
}

/** 100 × the mean squared difference of grid neighbours. */
export function roughness(): DataTransform {
  return expertSummary(gaussianField, "roughness", 1, ({ z }) => {
    const along = (axis: 1 | 2): Tensor =>
      mean(square(sub(slice(z, axis, 1, 16), slice(z, axis, 0, 15))), { axes: [1, 2] });
    // As many neighbours along the one axis as along the other.
    return expandDims(mul(add(along(1), along(2)), 50), 1);
  });
}

/** A summary of one number of all fields of a data set. */
async function summarize(transform: DataTransform, fields: Column): Promise<Float64Array> {
  const z = input("z", ["batch", 16, 16]);
  const [summary] = Object.values(transform.apply({ z }));
  if (summary === undefined) throw new TypeError("a summary is an array");
  const program = await compile({ inputs: { z }, outputs: { summary } }, await defaultRuntime());
  const n = fields.length / 256;
  const values = new Float64Array(n);
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    const part = fields.subarray(256 * start, 256 * end);
    const result = await program.run({
      z: hostTensor(Float32Array.from(part), [end - start, 16, 16]),
    });
    values.set(result.summary.data as Float32Array, start);
  }
  await program.release();
  return values;
}

/** What rKL2 and rKL3 have in common once there is a summary. */
export async function syntheticMethods(
  context: StageContext,
  name: string,
  transform: DataTransform,
  before: readonly TrainingCost[],
  report: StageContext["report"],
): Promise<SyntheticRecord> {
  const inner = { ...context, report };
  const { gaussian } = context.settings;
  const data = () => gaussianFields.training(context);
  const binding = await trainOnce(context, {
    name: `${name}-binding`,
    method: syntheticLikelihood(gaussianField, {
      transform,
      network: mlp({ hidden: [16, 16], activation: "silu" }),
    }),
    plan: gaussian.binding,
    data,
    report: within(inner, 0, 0.45),
  });
  const posterior = await trainOnce(context, {
    name: `${name}-variational`,
    method: variational(gaussianField, {
      transform,
      summary: mlpSummary({ hidden: [64, 64], outputs: 32 }),
      density: splineCoupling({ layers: 1 }),
      draws: 4,
      likelihood: binding.fitted.graph({ transform }),
    }),
    plan: gaussian.variational,
    data,
    report: within(inner, 0.45, 0.9),
  });
  const cost = together(...before, binding.cost, posterior.cost);
  const notes = [`binding functions: ${trainingNote(binding.cost)}`];
  return {
    variational: await answerFields(context, cost, byEstimator(posterior.fitted), {
      notes: [...notes, `variational network: ${trainingNote(posterior.cost)}`],
    }),
    grid: await answerFields(
      context,
      together(...before, binding.cost),
      (z, samples) => binding.fitted.givenBatch({ z }, { samples }),
      { notes, stratified: true },
    ),
    ...(await nearestSummaries(
      { ...context, report: within(inner, 0.9, 1) },
      transform,
      binding.fitted,
    )),
  };
}

/** The posterior given the summary alone, by fresh simulations whose summaries are nearest; and the binding functions beside them. */
async function nearestSummaries(
  context: StageContext,
  transform: DataTransform,
  likelihood: LikelihoodEstimator<Range>,
): Promise<Pick<SyntheticRecord, "summary" | "binding">> {
  const data = await gaussianFields.reference(context);
  const [test, close] = [await gaussianFields.test(context), await gaussianFields.close(context)];
  const table = await referenceTable(transform, data);
  // Half a percent of the simulations: their summaries differ by far less than the summary varies given θ.
  const each = Math.min(
    context.settings.gaussian.samples,
    Math.max(50, Math.round(data.size / 160)),
  );
  const nearest = (of: Float64Array): Float64Array =>
    Float64Array.from(Array.from(of).flatMap((value) => nearestTo(table, value, each)));
  const started = performance.now();
  const draws = nearest(await summarize(transform, test.data.z));
  const seconds = (performance.now() - started) / 1000;
  const looked = nearest(await summarize(transform, close.data.z));
  const grid = Array.from(
    { length: BINDING_POINTS },
    (_, i) => ((i + 0.5) / BINDING_POINTS) * MAX_RANGE,
  );
  const { mean: means, covariance } = await likelihood.bindingFunctions(grid);
  const scatter = Math.min(SCATTER, data.size);
  return {
    summary: {
      answers: answersOfDraws(draws, test.parameters),
      cost: costOf(undefined, seconds / test.size),
      closeDensities: Array.from({ length: close.size }, (_, i) =>
        kernelDensity(looked.subarray(i * each, (i + 1) * each), CLOSE_GRID),
      ),
      notes: [
        `θ of the ${each} of ${data.size.toLocaleString("en-US")} fresh fields whose summaries are nearest; no network was trained on them`,
      ],
    },
    binding: {
      label: "",
      theta: rounded(data.parameters.subarray(0, scatter)),
      summary: rounded(await summarize(transform, scatterFields(data, scatter))),
      grid: rounded(grid),
      mean: rounded(means),
      sd: rounded(covariance.map(Math.sqrt)),
    },
  };
}

function scatterFields({ data }: SimulatedData, count: number): Column {
  return (data["z"] ?? new Float32Array()).subarray(0, 256 * count);
}

/** Summaries in increasing order, each with its θ. */
interface ReferenceTable {
  readonly summaries: Float64Array;
  readonly parameters: Float64Array;
}

async function referenceTable(
  transform: DataTransform,
  { data, parameters, size }: SimulatedData,
): Promise<ReferenceTable> {
  const values = await summarize(transform, data["z"] ?? new Float32Array());
  const order = Uint32Array.from({ length: size }, (_, i) => i).toSorted(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  );
  return {
    summaries: Float64Array.from(order, (i) => values[i] ?? 0),
    parameters: Float64Array.from(order, (i) => parameters[i] ?? 0),
  };
}

/** θ of the nearest summaries: half of them from below and half from above, where there are as many. */
function nearestTo(
  { summaries, parameters }: ReferenceTable,
  value: number,
  count: number,
): number[] {
  let [low, high] = [0, summaries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((summaries[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  const start = Math.min(Math.max(low - (count >> 1), 0), summaries.length - count);
  return Array.from(parameters.subarray(start, start + count));
}

/** rKL2: the review's expert summary. */
export const rkl2Stage: Stage = {
  name: "rkl2",
  title: "rKL2",
  settings: ({ gaussian }) => ofGaussian(gaussian, "binding", "variational"),
  seconds: ({ gaussian }) =>
    4 +
    trainingSeconds(gaussian.binding, gaussian.training, SMALL_STEP_SECONDS) +
    trainingSeconds(gaussian.variational, gaussian.training, 2 * SMALL_STEP_SECONDS),
  run: (context): Promise<SyntheticRecord> =>
    syntheticMethods(context, "rkl2", roughness(), [], (fraction, detail) => {
      context.report(fraction, detail);
    }),
};
