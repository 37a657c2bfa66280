/**
 * Methods and networks by name: what a configuration says, as the library's own values.
 */
import {
  affineCoupling,
  cnn,
  gaussian,
  gaussianMixture,
  mlp,
  mlpSummary,
  mutualInformationSummary,
  nbe,
  npe,
  nre,
  rawSummary,
  splineCoupling,
  type AnyModel,
  type ConditionalDensity,
  type Method,
  type SummaryNetwork,
} from "amortis";
import type { Config, DensityConfig, SummaryConfig } from "./config.js";
import { UsageError } from "./failures.js";

/** Names of the methods. */
export const METHODS = ["npe", "nbe", "nre", "summary"] as const;
/** Name of a method. */
export type MethodName = (typeof METHODS)[number];

/** Settings that only one of the methods knows. */
const OWN: Readonly<Record<MethodName, readonly (keyof Config)[]>> = {
  npe: ["density"],
  nbe: ["head", "loss", "modeWidth", "quantiles", "interval"],
  nre: ["classifier", "negatives", "balanced"],
  summary: ["size", "bound"],
};

/**
 * A method for a model.
 *
 * @throws UsageError where the configuration has settings of another method.
 */
export function makeMethod(name: MethodName, model: AnyModel, config: Config): Method {
  for (const other of METHODS) {
    const foreign = OWN[other].find((key) => other !== name && config[key] !== undefined);
    if (foreign !== undefined) {
      throw new UsageError(`"${foreign}" is a setting of ${other}, but the method is ${name}`);
    }
  }
  const summary = config.summary && { summary: makeSummary(config.summary) };
  if (name === "npe") {
    return npe(model, {
      ...summary,
      ...(config.density && { density: makeDensity(config.density) }),
    });
  }
  if (name === "nre") {
    const { classifier, negatives, balanced } = config;
    return nre(model, {
      ...summary,
      ...classifier,
      ...(negatives !== undefined && { negatives }),
      ...(balanced !== undefined && { balanced }),
    });
  }
  if (name === "summary") {
    const { size, bound } = config;
    return mutualInformationSummary(model, {
      ...(summary && { network: summary.summary }),
      ...(size !== undefined && { size }),
      ...(bound !== undefined && { bound }),
    });
  }
  const { loss, modeWidth, quantiles, interval, head } = config;
  return nbe(model, {
    ...summary,
    ...(head && { head: mlp(head) }),
    ...(loss !== undefined && { loss }),
    ...(modeWidth !== undefined && { modeWidth }),
    ...(quantiles && { quantiles }),
    ...(interval !== undefined && { interval }),
  });
}

function makeSummary(config: SummaryConfig): SummaryNetwork {
  if (config.kind === "cnn") return cnn(config);
  if (config.kind === "mlp") return mlpSummary(config);
  return rawSummary();
}

function makeDensity(config: DensityConfig): ConditionalDensity {
  if (config.kind === "splineCoupling") return splineCoupling(config);
  if (config.kind === "affineCoupling") return affineCoupling(config);
  if (config.kind === "gaussian") return gaussian(config);
  return gaussianMixture(config);
}
