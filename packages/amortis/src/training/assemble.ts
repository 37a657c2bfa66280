/**
 * From trained weights to an estimator as data.
 */
import {
  add,
  encodeProgram,
  input,
  Scope,
  sub,
  type Tensor,
  type Variable,
  type Variables,
} from "@amortis/graph";
import { specToJSON } from "../data/array-spec.js";
import type { Method, Programs } from "../methods/method.js";
import { logValidity } from "../methods/validity.js";
import type { Contents } from "../estimators/contents.js";
import type { InvalidTally } from "../simulation/invalid-tally.js";
import type { TrainingOrigin } from "../simulation/origin.js";
import { VERSION } from "../version.js";
import type { TrainingSnapshot } from "./checkpoint.js";
import type { LearnedValidity } from "./learn-validity.js";
import type { TrainSettings } from "./options.js";
import type { EndedBy } from "./progress.js";
import { seenSpecs } from "./transformation.js";
import { standardizeAll, type Standardization } from "../data/standardization.js";

/** Encodes the answering programs, and writes down all that is known of the training. */
export function assemble(
  method: Method,
  variables: Variables,
  standardization: Standardization,
  snapshot: TrainingSnapshot,
  settings: TrainSettings,
  made: {
    readonly invalid: InvalidTally;
    readonly origin: TrainingOrigin | undefined;
    readonly seconds: number;
    readonly endedBy: EndedBy;
    readonly validity: LearnedValidity | undefined;
  },
): Contents {
  const { model } = method;
  const inputs: Record<string, Tensor> = {};
  for (const [name, { shape }] of Object.entries(model.dataSpecs)) {
    inputs[name] = input(name, ["batch", ...shape]);
  }
  const transformed = method.transform?.apply(inputs) ?? inputs;
  const trained = [{ variables: variables.entries, weights: snapshot.best.weights }];
  const { validity } = made;
  const scope = Scope.root(variables, "inference");
  const learned = method.programs({
    scope,
    variables,
    standardization,
    inputs,
    transformed,
    data: standardizeAll(transformed, standardization, seenSpecs(method)),
  });
  const programs = validity === undefined ? learned : withValidity(learned, scope, validity);
  if (validity !== undefined) trained.push(validity);
  const models = Object.fromEntries(
    Object.entries(programs).map(([name, program]) => [
      name,
      encodeProgram({ name, ...program, variables }),
    ]),
  );
  const whereInvalid = made.invalid.describe();
  const { lower, upper } = model.prior.support;
  const finite = (bounds: readonly number[]) => bounds.map((b) => (Number.isFinite(b) ? b : null));
  type Json = Contents["details"]["description"];
  return {
    weights: inOrder(variables.entries, trained),
    programs: models,
    details: {
      createdBy: `amortis ${VERSION}`,
      method: method.name,
      model: {
        name: model.name,
        parameters: Object.entries(model.prior.priors).map(([name, prior]) => ({
          name,
          shape: [...prior.shape],
          prior: prior.toJSON() as Json,
        })),
        lower: finite(lower),
        upper: finite(upper),
        data: Object.fromEntries(
          Object.entries(model.dataSpecs).map(([name, spec]) => [name, specToJSON(spec)]),
        ),
      },
      description: method.description as Json,
      answers: method.answers,
      standardization: {
        ...standardization,
        ...(validity && { validity: validity.moments }),
      } as Contents["details"]["standardization"],
      training: {
        settings: settings as Contents["details"]["training"]["settings"],
        simulations: settings.simulations,
        invalidSimulations: made.invalid.count,
        ...(whereInvalid !== undefined && { whereInvalid }),
        ...(validity && { validity: validity.report }),
        ...(made.origin && { origin: made.origin as Contents["details"]["training"]["origin"] }),
        seconds: made.seconds,
        endedBy: made.endedBy,
        bestEpoch: snapshot.best.epoch,
        bestValidationLoss: snapshot.best.loss,
        history: [...snapshot.history],
      },
      variables: variables.entries.map(({ name, shape }) => ({ name, shape: [...shape] })),
      programs: Object.keys(models),
    },
  };
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

/** Weights of several trainings as one flat vector, in the order of these variables. */
function inOrder(
  order: readonly Variable[],
  trained: readonly { readonly variables: readonly Variable[]; readonly weights: Float32Array }[],
): Float32Array {
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
