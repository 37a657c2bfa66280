/**
 * What an estimator is, for people.
 */
import type { AnyModel, PosteriorSourceEstimator } from "amortis";
import { describeSpec, isScalar, type DistributionJson, type Json } from "amortis/extend";
import type { Card, ParameterCard, Threshold } from "../protocol/types.js";
import { drawPrior, flatParameters } from "./prior.js";

interface Parts {
  readonly id: number;
  readonly title: string;
  readonly bytes: number;
  readonly words: string;
  readonly estimator: PosteriorSourceEstimator<AnyModel["parameters"]>;
  readonly model: AnyModel | undefined;
  readonly threshold: Threshold | undefined;
}

/** The card. */
export async function cardOf({
  id,
  title,
  bytes,
  words,
  estimator,
  model,
  threshold,
}: Parts): Promise<Card> {
  const { details, contents, dataSpecs } = estimator;
  const { training } = details;
  const joint = await estimator.prior();
  const priorDraws = drawPrior(joint);
  return {
    id,
    title,
    bytes,
    model: details.model.name,
    method: details.method,
    answers: words,
    parameters: details.model.parameters.map(({ name, prior }): ParameterCard => {
      const distribution = joint.parts?.find((_, i) => estimator.slots[i]?.name === name);
      return {
        name,
        words: inWords(prior),
        prior: isPrior(prior) ? prior : undefined,
        scalar: distribution !== undefined && isScalar(distribution),
      };
    }),
    flat: flatParameters(estimator, joint, priorDraws),
    arrays: Object.entries(dataSpecs).map(([name, spec]) => ({
      name,
      words: describeSpec(spec),
      spec,
    })),
    weights: contents.weights.length,
    createdBy: details.created.by,
    simulations: training.simulations,
    epochs: training.history.length,
    seconds: training.seconds,
    validationLoss: training.bestValidationLoss,
    losses: training.history.map(({ trainingLoss, validationLoss }) => ({
      training: trainingLoss,
      validation: validationLoss,
    })),
    simulates: model !== undefined,
    likelihood: model?.logLikelihood !== undefined,
    judgesData: details.standardization.typicality !== undefined,
    threshold,
    priorDraws,
  };
}

function isPrior(prior: Json): prior is DistributionJson {
  return (
    typeof prior === "object" &&
    prior !== null &&
    !Array.isArray(prior) &&
    "name" in prior &&
    prior["name"] !== "custom"
  );
}

/** A prior in words: "uniform(lower 0, upper 0.6)". */
export function inWords(value: Json): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return typeof value === "string" ? value : JSON.stringify(value);
  }
  const settings = Object.entries(value).flatMap(([key, setting]) =>
    key === "name" ? [] : [`${key} ${inWords(setting)}`],
  );
  return `${"name" in value ? inWords(value["name"]) : ""}(${settings.join(", ")})`;
}
