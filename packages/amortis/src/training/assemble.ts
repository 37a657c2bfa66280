/**
 * From trained weights to an estimator as data.
 */
import { now, software } from "#platform";
import {
  add,
  encodeProgram,
  input,
  Scope,
  sub,
  Variables,
  zerosInit,
  type Runtime,
  type Tensor,
  type Variable,
} from "@amortis/graph";
import { graphSizes, isFree } from "../data/array-spec.js";
import type { InferenceContext, Method, Programs } from "../methods/method.js";
import { logValidity } from "../methods/validity.js";
import type { Contents } from "../estimators/contents.js";
import type { AnyModel, Texts } from "../model/index.js";
import type { InvalidTally } from "../simulation/invalid-tally.js";
import type { TrainingOrigin } from "../simulation/origin.js";
import { VERSION } from "../version.js";
import type { LearnedValidity } from "./learn-validity.js";
import type { TrainSettings } from "../settings/training.js";
import type { TrainingResult } from "./result.js";
import { withSlope } from "./slope-program.js";
import { seenSpecs } from "../networks/transformation.js";
import { type Standardization } from "../data/standardization.js";
import { standardizeAll } from "../data/standardization-graph.js";

/** How an estimator was made, beside its weights. */
export interface Making {
  readonly invalid: InvalidTally;
  readonly origin: TrainingOrigin | undefined;
  readonly seconds: number;
  readonly validity: LearnedValidity | undefined;
  /** What was done to the simulations. */
  readonly corruption: string | undefined;
  /** Data sets without known parameters that it learned from as well. */
  readonly unlabelled: string | undefined;
  /** What training went on from. */
  readonly from: Contents["details"]["training"]["from"];
  /** What is said of the members of an ensemble. */
  readonly members: Contents["details"]["training"]["members"];
  /** What it was trained on. */
  readonly runtime: Runtime;
}

/** Encodes the answering programs, and writes down all that is known of the training. */
export function assemble(
  method: Method,
  standardization: Standardization,
  result: TrainingResult,
  settings: TrainSettings,
  made: Making,
): Contents {
  const { model } = method;
  const variables = new Variables();
  const answering = result.trained.filter((_, k) => result.weights[k] !== 0);
  for (const member of answering) {
    for (const { name, shape, trainable } of member.variables) {
      variables.obtain(name, shape, zerosInit, trainable);
    }
  }
  const trained: TrainedWeights[] = [...answering];
  const { validity } = made;
  // A training that was stopped before it had all members has one network less, or more.
  const ensemble = result.trained.length > 1 ? method.ensemble : undefined;
  const context = inferenceContext(method, variables, standardization);
  const { scope } = context;
  const learned = ensemble?.programs(context, result.weights) ?? method.programs(context);
  const programs = withSlope(
    validity === undefined ? learned : withValidity(learned, scope, validity),
  );
  if (validity !== undefined) trained.push(validity);
  const models = Object.fromEntries(
    Object.entries(programs).map(([name, program]) => [
      name,
      encodeProgram({ name, ...program, variables }),
    ]),
  );
  const whereInvalid = made.invalid.describe();
  const finite = (bounds: readonly number[]) => bounds.map((b) => (Number.isFinite(b) ? b : null));
  type Json = Contents["details"]["description"];
  return {
    weights: inOrder(variables.entries, trained),
    programs: models,
    details: {
      created: {
        by: `amortis ${VERSION}`,
        at: now().toISOString(),
        software: {
          amortis: VERSION,
          [made.runtime.name]: made.runtime.version ?? VERSION,
          ...software(),
        },
      },
      method: method.name,
      model: {
        name: model.name,
        parameters: Object.entries(model.prior.priors).map(([name, prior]) => ({
          name,
          shape: [...prior.shape],
          prior: prior.toJSON() as Json,
          support: { lower: finite(prior.support.lower), upper: finite(prior.support.upper) },
          ...wordsOf(model, name),
        })),
        data: Object.fromEntries(
          Object.entries(model.dataSpecs).map(([name, spec]) => [
            name,
            { ...spec, ...wordsOf(model, name) },
          ]),
        ),
      },
      description: method.description,
      answers: ensemble?.answers(result.weights) ?? method.answers,
      standardization: {
        ...standardization,
        ...(validity && { validity: validity.moments }),
      },
      training: {
        settings: settings as Json,
        simulations: settings.simulations,
        invalidSimulations: made.invalid.count,
        ...(whereInvalid !== undefined && { whereInvalid }),
        ...(validity && { validity: validity.report }),
        ...(made.corruption !== undefined && { corruption: made.corruption }),
        ...(made.unlabelled !== undefined && { unlabelled: made.unlabelled }),
        ...(made.from && { from: made.from }),
        ...(made.origin && { origin: made.origin }),
        seconds: made.seconds,
        endedBy: result.endedBy,
        ...(made.members && { members: made.members }),
        bestEpoch: result.bestEpoch,
        bestValidationLoss: result.bestLoss,
        history: [...result.history],
      },
      variables: variables.entries.map(({ name, shape }) => ({ name, shape: [...shape] })),
      programs: Object.keys(models),
    },
  };
}

/** What a model says of a parameter or an array in words. */
function wordsOf({ units, descriptions }: AnyModel, name: string) {
  const texts = (all: Texts | undefined) =>
    all && Object.hasOwn(all, name) ? all[name] : undefined;
  const [unit, description] = [texts(units), texts(descriptions)];
  return { ...(unit !== undefined && { unit }), ...(description !== undefined && { description }) };
}

/** What a method's answering programs are written with: data of any number of data sets, and of elements where that varies. */
function inferenceContext(
  method: Method,
  variables: Variables,
  standardization: Standardization,
): InferenceContext {
  const inputs: Record<string, Tensor> = {};
  for (const [name, spec] of Object.entries(method.model.dataSpecs)) {
    inputs[name] = input(name, ["batch", ...graphSizes(spec)]);
  }
  const transformed = method.transform?.apply(inputs) ?? inputs;
  return {
    scope: Scope.root(variables, "inference"),
    variables,
    standardization,
    inputs,
    transformed,
    data: standardizeAll(transformed, standardization, seenSpecs(method)),
  };
}

/**
 * Writes the answering programs once, before anything is trained: networks that cannot see any number of elements refuse here.
 *
 * @throws InvalidArgumentError, ShapeError by what a network needs.
 */
export function requireAnswerable(method: Method, standardization: Standardization): void {
  if (!Object.values(seenSpecs(method)).some(isFree)) return;
  const context = inferenceContext(method, new Variables(), standardization);
  const { ensemble } = method;
  if (ensemble === undefined) method.programs(context);
  else
    ensemble.programs(
      context,
      ensemble.members.map(() => 1 / ensemble.members.length),
    );
}

/** The programs of a likelihood or a ratio, with the factor p(valid | θ), for a ratio over p(valid). */
function withValidity(
  programs: Programs,
  scope: Scope,
  { moments, share }: LearnedValidity,
): Programs {
  const entries = Object.entries(programs).map(([name, program]) => {
    const { theta } = program.inputs;
    const term = program.outputs[name];
    const known = name === "logRatio" || name === "logLikelihood";
    if (!known || theta === undefined || term === undefined) return [name, program] as const;
    const factor = logValidity(scope, theta, moments);
    const scaled = name === "logRatio" ? sub(factor, Math.log(share)) : factor;
    return [name, { ...program, outputs: { ...program.outputs, [name]: add(term, scaled) } }];
  });
  return Object.fromEntries(entries) as Programs;
}

/** Weights in the order of their variables. */
interface TrainedWeights {
  readonly variables: readonly Pick<Variable, "name" | "size">[];
  readonly weights: Float32Array;
}

/** Weights of several trainings as one flat vector, in the order of these variables. */
function inOrder(order: readonly Variable[], trained: readonly TrainedWeights[]): Float32Array {
  const byName = new Map<string, Float32Array>();
  for (const { variables, weights } of trained) {
    let offset = 0;
    for (const { name, size } of variables) {
      byName.set(name, weights.subarray(offset, offset + size));
      offset += size;
    }
  }
  const all = new Float32Array(order.reduce((total, { size }) => total + size, 0));
  let offset = 0;
  for (const { name, size } of order) {
    all.set(byName.get(name) ?? [], offset);
    offset += size;
  }
  return all;
}
