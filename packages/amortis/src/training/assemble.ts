/**
 * From trained weights to an estimator as data.
 */
import { encodeProgram, input, Scope, type Tensor, type Variables } from "@amortis/graph";
import { specToJSON } from "../data/array-spec.js";
import type { Method } from "../methods/method.js";
import type { Contents } from "../estimators/contents.js";
import type { InvalidTally } from "../simulation/invalid-tally.js";
import type { TrainingOrigin } from "../simulation/origin.js";
import { VERSION } from "../version.js";
import type { TrainingSnapshot } from "./checkpoint.js";
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
  },
): Contents {
  const { model } = method;
  const inputs: Record<string, Tensor> = {};
  for (const [name, { shape }] of Object.entries(model.dataSpecs)) {
    inputs[name] = input(name, ["batch", ...shape]);
  }
  const transformed = method.transform?.apply(inputs) ?? inputs;
  const programs = method.programs({
    scope: Scope.root(variables, "inference"),
    variables,
    standardization,
    inputs,
    transformed,
    data: standardizeAll(transformed, standardization, seenSpecs(method)),
  });
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
    weights: snapshot.best.weights,
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
      standardization: standardization as Contents["details"]["standardization"],
      training: {
        settings: settings as Contents["details"]["training"]["settings"],
        simulations: settings.simulations,
        invalidSimulations: made.invalid.count,
        ...(whereInvalid !== undefined && { whereInvalid }),
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
