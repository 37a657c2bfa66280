/**
 * A method's losses as compiled loops: one that learns, one that only evaluates.
 */
import {
  adam,
  adamW,
  add,
  averaged,
  EvaluationLoop,
  input,
  leavesOf,
  mul,
  Scope,
  TrainingLoop,
  UnsupportedError,
  type HostTensor,
  type Named,
  type Optimizer,
  type Runtime,
  type Tensor,
  type TrainingSpec,
  type TrainingState,
  type Variables,
} from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import { DataSets } from "../data/data-sets.js";
import { restoreOffsets, type Standardization } from "../data/standardization.js";
import { standardizeAll, withOffsets } from "../data/standardization-graph.js";
import type { Method, TrainingContext } from "../methods/method.js";
import { dataName, PARAMETERS, SEEN, transformedName, UNCONSTRAINED } from "./examples.js";
import {
  HostCalls,
  HostEvaluationLoop,
  HostTrainingLoop,
  orRelease,
  type Evaluator,
  type Learner,
} from "./host-loop.js";
import type { TrainSettings } from "../settings/training.js";
import { selfConsistency } from "./self-consistency.js";
import type { Unlabelled } from "./unlabelled.js";

/** Rows that one step of a validation takes, at most: methods that pair the rows of a batch must not meet one twice. */
const EVALUATION_BATCH = 256;

/** Compiled loops, and which examples they take. */
export interface Networks {
  readonly training: Learner;
  readonly evaluation: Evaluator;
  /** The examples that the losses depend on. */
  readonly select: (
    examples: Readonly<Record<string, HostTensor>>,
  ) => Readonly<Record<string, HostTensor>>;
}

/** The losses of a minibatch, and the example inputs they depend on; in training with that of data sets without known parameters. */
function buildLosses(
  method: Method,
  scope: Scope,
  specs: ArraySpecs,
  standardization: Standardization,
  batch: number,
  beside?: { readonly unlabelled: Unlabelled; readonly variables: Variables },
): { readonly losses: Tensor; readonly examples: Named; readonly calls: HostCalls } {
  const { model } = method;
  const calls = new HostCalls();
  const inputs: Record<string, Tensor> = {
    [PARAMETERS]: input(PARAMETERS, [batch, model.parameterSize]),
  };
  if (standardization.parameters.tails !== undefined) {
    inputs[SEEN] = input(SEEN, [batch, model.parameterSize]);
  }
  const size = standardization.unconstrained?.mean.length;
  if (size !== undefined) inputs[UNCONSTRAINED] = input(UNCONSTRAINED, [batch, size]);
  const leaves = (arrays: ArraySpecs, rename: (name: string) => string): Named =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, { shape }]) => {
        const leaf = input(rename(name), [batch, ...shape]);
        inputs[rename(name)] = leaf;
        return [name, leaf];
      }),
    );
  const given = leaves(model.dataSpecs, dataName);
  const transformed = method.transform ? leaves(specs, transformedName) : given;
  const raw = method.transform ? given : withOffsets(given, standardization);
  const { [PARAMETERS]: parameters, [UNCONSTRAINED]: unconstrained } = inputs;
  if (parameters === undefined) throw new TypeError("the parameters are always an input");
  const context: TrainingContext = {
    scope,
    standardization,
    raw,
    transformed,
    data: standardizeAll(transformed, standardization, specs),
    parameters,
    parametersSeen: inputs[SEEN] ?? parameters,
    host: (call) => calls.place(call),
    unconstrained: () => {
      if (unconstrained !== undefined) return unconstrained;
      throw new UnsupportedError(
        `${method.name} needs parameters with an unconstrained space, but the model "${model.name}" has a discrete one`,
      );
    },
  };
  const own = method.losses(context);
  const losses =
    beside === undefined
      ? own
      : add(
          own,
          mul(
            selfConsistency(method, beside.unlabelled, {
              variables: beside.variables,
              scope,
              training: context,
              specs,
              standardization,
            }),
            beside.unlabelled.weight,
          ),
        );
  const used = leavesOf([losses]);
  const examples = Object.fromEntries(
    Object.entries({ ...inputs, ...calls.examples }).filter(([, leaf]) => used.has(leaf)),
  );
  return { losses, examples, calls };
}

/** Compiles the losses of a method. The variables are made on the way. */
export async function compileNetworks(
  method: Method,
  variables: Variables,
  specs: ArraySpecs,
  standardization: Standardization,
  settings: TrainSettings,
  runtime: Runtime,
  {
    threads,
    validationRows,
    unlabelled,
  }: {
    readonly threads?: number;
    readonly validationRows: number;
    readonly unlabelled?: Unlabelled | undefined;
  },
): Promise<Networks> {
  const scope = Scope.root(variables, "training");
  const trained = buildLosses(
    method,
    scope,
    specs,
    standardization,
    settings.batch,
    unlabelled && { unlabelled, variables },
  );
  const { losses, examples, calls } = trained;
  const sessionOptions = threads === undefined ? {} : { threads };
  const spec: TrainingSpec = {
    variables,
    losses,
    examples,
    noise: scope.noiseInputs,
    assignments: scope.assignments,
    optimizer: optimizerOf(settings),
    clipNorm: settings.clipNorm,
  };
  const evaluated = buildLosses(
    method,
    Scope.root(variables, "inference"),
    specs,
    standardization,
    Math.min(EVALUATION_BATCH, validationRows),
  );
  const evaluationSpec = {
    variables,
    losses: evaluated.losses,
    examples: evaluated.examples,
  };
  if (calls.all.length === 0) {
    const training = await TrainingLoop.create(spec, runtime, sessionOptions);
    return {
      training,
      evaluation: await orRelease(training, () =>
        EvaluationLoop.create(evaluationSpec, runtime, sessionOptions),
      ),
      select: (all) => pick(all, Object.keys(examples)),
    };
  }
  // Functions on the host are given the data as simulated, whatever the losses depend on.
  const { dataSpecs } = method.model;
  const dataNames = Object.keys(dataSpecs).map((name) => dataName(name));
  const rows = (examples: Readonly<Record<string, HostTensor>>): DataSets =>
    restoreOffsets(dataOf(examples, dataSpecs), standardization);
  const training = await HostTrainingLoop.create(
    spec,
    { calls, dataOf: rows },
    runtime,
    sessionOptions,
  );
  return {
    training,
    evaluation: await orRelease(training, async () =>
      evaluated.calls.all.length > 0
        ? HostEvaluationLoop.create(
            evaluationSpec,
            { calls: evaluated.calls, dataOf: rows },
            runtime,
            sessionOptions,
          )
        : onlyWith(
            Object.keys(evaluated.examples),
            await EvaluationLoop.create(evaluationSpec, runtime, sessionOptions),
          ),
    ),
    select: (all) => pick(all, [...Object.keys(examples), ...dataNames]),
  };
}

/** An evaluation of examples that have more arrays than it takes. */
function onlyWith(names: readonly string[], loop: Evaluator): Evaluator {
  return {
    run: (weights, all) => loop.run(weights, pick(all, names)),
    release: () => loop.release(),
  };
}

/** The data arrays among examples, as they are there. */
function dataOf(examples: Readonly<Record<string, HostTensor>>, specs: ArraySpecs): DataSets {
  const columns = Object.keys(specs).map((name) => {
    const values = examples[dataName(name)]?.data;
    if (values instanceof Float32Array) return [name, values] as const;
    throw new TypeError(`the examples lack the data array "${name}"`);
  });
  const size = Object.values(examples)[0]?.shape[0] ?? 0;
  return new DataSets(specs, size, Object.fromEntries(columns));
}

/** The examples of these names. */
function pick(
  all: Readonly<Record<string, HostTensor>>,
  names: readonly string[],
): Readonly<Record<string, HostTensor>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** The optimizer of the settings. */
export function optimizerOf({ weightDecay, averaging }: TrainSettings): Optimizer {
  const optimizer = weightDecay > 0 ? adamW({ weightDecay }) : adam();
  return averaging > 0 ? averaged(optimizer, { decay: averaging }) : optimizer;
}

/** The weights that answer: the average's where there is one, beside what is not learned by gradients. */
export function answeringWeights(
  { weights, slots }: TrainingState,
  { averaging }: TrainSettings,
): Float32Array {
  const average = averaging > 0 ? slots.at(-1) : undefined;
  if (average === undefined) return weights;
  const all = weights.slice();
  all.set(average);
  return all;
}
