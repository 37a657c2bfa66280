/**
 * Methods and networks by name: what a configuration says, as the library's own values.
 */
import {
  affineCoupling,
  augmented,
  cnn,
  gaussian,
  gaussianMixture,
  mlp,
  mlpSummary,
  mutualInformationSummary,
  nbe,
  npe,
  nre,
  posteriorMomentsSummary,
  rawSummary,
  splineCoupling,
  syntheticLikelihood,
  variational,
  type AnyModel,
  type ConditionalDensity,
  type DataTransform,
  type Method,
  type SummaryNetwork,
  type VariationalLikelihood,
} from "amortis";
import {
  METHODS,
  type Config,
  type DensityConfig,
  type MethodName,
  type SummaryConfig,
} from "./config.js";
import { UsageError } from "./failures.js";
import { learnedLikelihood } from "./learned.js";

/** Settings that not every method knows. */
const OWN: Readonly<Record<MethodName, readonly (keyof Config)[]>> = {
  npe: ["summary", "density"],
  nbe: ["summary", "head", "loss", "modeWidth", "quantiles", "interval"],
  nre: ["summary", "classifier", "negatives", "balanced"],
  variational: ["summary", "density", "draws", "likelihood", "pathGradient"],
  "synthetic-likelihood": ["binding"],
  summary: ["summary", "size", "bound", "critic", "negatives"],
  "posterior-moments": ["summary", "moments"],
};

/**
 * A method for a model.
 *
 * @throws UsageError where the configuration has settings of another method, or a likelihood that does not fit.
 */
export async function makeMethod(
  name: MethodName,
  model: AnyModel,
  config: Config,
  transform: DataTransform | undefined,
): Promise<Method> {
  checkSettings(name, config);
  const seen = transform && { transform };
  const summary = config.summary && { summary: makeSummary(config.summary) };
  const density = config.density && { density: makeDensity(config.density) };
  if (name === "npe") return npe(model, { ...seen, ...summary, ...density });
  if (name === "variational") {
    const { draws, pathGradient } = config;
    const likelihood = await findLikelihood(config.likelihood, model, transform);
    return variational(model, {
      ...seen,
      ...summary,
      ...density,
      ...(draws !== undefined && { draws }),
      ...(likelihood !== undefined && { likelihood }),
      ...(pathGradient !== undefined && { pathGradient }),
    });
  }
  if (name === "synthetic-likelihood") {
    const { binding } = config;
    return syntheticLikelihood(model, { ...seen, ...(binding && { network: mlp(binding) }) });
  }
  if (name === "nre") {
    const { classifier, negatives, balanced } = config;
    return nre(model, {
      ...seen,
      ...summary,
      ...classifier,
      ...(negatives !== undefined && { negatives }),
      ...(balanced !== undefined && { balanced }),
    });
  }
  if (name === "summary") {
    const { size, bound, critic, negatives } = config;
    return mutualInformationSummary(model, {
      ...seen,
      ...(summary && { network: summary.summary }),
      ...(size !== undefined && { size }),
      ...(bound !== undefined && { bound }),
      ...(critic && { critic: mlp(critic) }),
      ...(negatives !== undefined && { negatives }),
    });
  }
  if (name === "posterior-moments") {
    const { moments } = config;
    return posteriorMomentsSummary(model, {
      ...seen,
      ...(summary && { network: summary.summary }),
      ...(moments !== undefined && { moments }),
    });
  }
  const { loss, modeWidth, quantiles, interval, head } = config;
  return nbe(model, {
    ...seen,
    ...summary,
    ...(head && { head: mlp(head) }),
    ...(loss !== undefined && { loss }),
    ...(modeWidth !== undefined && { modeWidth }),
    ...(quantiles && { quantiles }),
    ...(interval !== undefined && { interval }),
  });
}

/** The model's own likelihood by its name, or one that was trained before by its file. */
async function findLikelihood(
  source: Config["likelihood"],
  model: AnyModel,
  transform: DataTransform | undefined,
): Promise<VariationalLikelihood | undefined> {
  if (source === undefined || source === "graph" || source === "host") return source;
  return learnedLikelihood(source, model, transform);
}

/** @throws UsageError where there are settings of other methods only. */
function checkSettings(name: MethodName, config: Config): void {
  for (const key of new Set(Object.values(OWN).flat())) {
    if (config[key] === undefined || OWN[name].includes(key)) continue;
    const others = METHODS.filter((method) => OWN[method].includes(key));
    throw new UsageError(
      `"${key}" is a setting of ${others.join(", ")}, but the method is ${name}`,
    );
  }
}

function makeSummary(config: SummaryConfig): SummaryNetwork {
  const network = makeNetwork(config);
  return config.symmetries === undefined ? network : augmented(network, config.symmetries);
}

function makeNetwork(config: SummaryConfig): SummaryNetwork {
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
