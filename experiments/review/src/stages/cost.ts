/**
 * What a method costs as the grid grows, and from how many data sets on amortization pays.
 *
 * Whole trainings and chains on every grid would take days. Simulating, training steps and iterations are timed, some hundreds of each, and
 * multiplied by the numbers that the Gaussian process takes.
 *
 * All costs are seconds of this machine with all its processors at work. Training and answering take them all. Simulations, and chains of
 * different data sets, run beside one another, one on each processor: what is timed on one is divided by their number. On every grid the
 * covariance is factored by its reflections alone, so that sizes compare; the 16×16 field's own likelihood, which swaps the axes too, is faster.
 */
import { availableParallelism } from "node:os";
import { nbe, npe, simulate, splineCoupling, stream, train, type SimulatedData } from "amortis";
import type { AnswerKind, Method, Column } from "amortis/extend";
import { MAX_RANGE } from "@amortis/gaussian-field";
import { LEVEL } from "../answers.js";
import { gridField, type GridField } from "../cost/grid-field.js";
import type { CostRow } from "../results.js";
import type { TrainingPlan } from "../settings.js";
import type { Stage, StageContext } from "../stage.js";
import { fieldNetwork, ofGaussian } from "./direct.js";

/** Draws of each answer. */
const DRAWS = 1_000;

async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const value = await run();
  return [value, (performance.now() - started) / 1000];
}

type Fields = SimulatedData<GridField["data"]>;

/** Fields, repeated to as many rows as asked: what is timed does not depend on what they are. */
function repeated(fields: Fields, size: number): Fields {
  const { parameters, data } = fields;
  const { z } = data;
  const length = (size * z.length) / fields.size;
  return {
    ...fields,
    size,
    parameters: Float64Array.from({ length: size }, (_, i) => parameters[i % fields.size] ?? 0),
    data: { z: Float32Array.from({ length }, (_, i) => z[i % z.length] ?? 0) },
  };
}

/** Seconds of training by a plan, from those of two short epochs. */
async function secondsOfTraining<K extends AnswerKind>(
  context: StageContext,
  method: Method<GridField, K>,
  plan: TrainingPlan,
  fields: Fields,
) {
  const { cost, gaussian } = context.settings;
  const epochs = 2;
  const steps = Math.ceil(cost.timedSteps / epochs);
  const rows = steps * plan.batch;
  const fitted = await train(method, {
    data: repeated(fields, rows),
    validation: repeated(fields, Math.ceil((rows * gaussian.validation) / gaussian.training)),
    ...plan,
    epochs,
    patience: epochs,
    seed: context.seed,
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  // The first epoch warms up, and finds how many steps a call should take.
  const each = (fitted.details.training.history.at(-1)?.seconds ?? Number.NaN) / steps;
  return { fitted, seconds: each * plan.epochs * Math.floor(gaussian.training / plan.batch) };
}

async function costOfSide(
  context: StageContext,
  side: number,
  report: (fraction: number) => void,
): Promise<readonly CostRow[]> {
  const { seed, settings, signal } = context;
  const { cost, gaussian } = settings;
  const model = gridField(side);
  const processors = availableParallelism();
  const points = side * side;
  const [data, simulating] = await timed(() =>
    simulate(model, { simulations: cost.timedFields, seed: `review/cost/${seed}`, workers: 0 }),
  );
  signal.throwIfAborted();
  report(0.3);
  const simulations = gaussian.training + gaussian.validation;
  const simulationSeconds = ((simulating / cost.timedFields) * simulations) / processors;
  const fresh = Math.min(cost.answeredFields, data.size);
  const z = data.data.z.subarray(0, fresh * points);

  const posterior = await secondsOfTraining(
    context,
    npe(model, { summary: fieldNetwork(), density: splineCoupling({ layers: 1 }) }),
    gaussian.fklSpline,
    data,
  );
  await posterior.fitted.givenBatch({ z }, { samples: DRAWS });
  const [, posteriorSeconds] = await timed(() =>
    posterior.fitted.givenBatch({ z }, { samples: DRAWS }),
  );
  report(0.6);
  const point = await secondsOfTraining(
    context,
    nbe(model, { summary: fieldNetwork(), interval: LEVEL }),
    gaussian.nbe,
    data,
  );
  await point.fitted.estimateBatch({ z });
  const [, pointSeconds] = await timed(() => point.fitted.estimateBatch({ z }));
  report(0.9);
  const mcmc = secondsOfChain(context, model, z.subarray(0, points)) / processors;
  const amortized = (
    method: "npe" | "nbe",
    trainingSeconds: number,
    inferenceSecondsPerField: number,
  ): CostRow => ({
    points,
    method,
    simulationSeconds,
    trainingSeconds,
    inferenceSecondsPerField,
    ...(mcmc > inferenceSecondsPerField && {
      breakEven: Math.ceil(
        (simulationSeconds + trainingSeconds) / (mcmc - inferenceSecondsPerField),
      ),
    }),
  });
  return [
    amortized("npe", posterior.seconds, posteriorSeconds / fresh),
    amortized("nbe", point.seconds, pointSeconds / fresh),
    {
      points,
      method: "mcmc",
      simulationSeconds: 0,
      trainingSeconds: 0,
      inferenceSecondsPerField: mcmc,
    },
  ];
}

/** Seconds of a chain on one field, on one processor, from those of some likelihoods: beside one, a proposal costs nothing. */
function secondsOfChain(context: StageContext, model: GridField, field: Column): number {
  const { timedIterations } = context.settings.cost;
  const random = stream(`review/cost/chain/${context.seed}`);
  const evaluate = (): number =>
    model.logLikelihood?.({ range: 0.01 + (MAX_RANGE - 0.01) * random.uniform() }, { z: field }) ??
    Number.NaN;
  for (let i = 0; i < timedIterations / 10; i++) evaluate();
  const started = performance.now();
  for (let i = 0; i < timedIterations; i++) evaluate();
  const each = (performance.now() - started) / 1000 / timedIterations;
  return each * context.settings.gaussian.mcmc.iterations;
}

/** Costs on all grids. */
export const costStage: Stage = {
  name: "cost",
  title: "cost accounting",
  settings: ({ gaussian, cost }) => [ofGaussian(gaussian, "fklSpline", "nbe", "mcmc"), cost],
  seconds: ({ cost }) =>
    cost.sides.reduce(
      (total, side) =>
        total +
        3 +
        (side / 32) ** 6 * 0.012 * (cost.timedFields + cost.timedIterations) +
        2 * cost.timedSteps * 0.02 * (side / 32) ** 2,
      0,
    ),
  run: async (context): Promise<readonly CostRow[]> => {
    const { sides } = context.settings.cost;
    const rows: CostRow[] = [];
    for (const [i, side] of sides.entries()) {
      const show = (fraction: number): void => {
        context.report((i + fraction) / sides.length, {
          kind: "counting",
          what: `grid of ${side} × ${side}, the`,
          done: i + 1,
          total: sides.length,
        });
      };
      show(0);
      rows.push(...(await costOfSide(context, side, show)));
    }
    return rows;
  },
};
