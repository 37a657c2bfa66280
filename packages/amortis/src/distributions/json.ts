/**
 * Distributions from plain data: what `toJSON` gave, perhaps in a stranger's file. Nothing is executed and everything is checked.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { object, optional, tagged } from "../schema/objects.js";
import { either, reads, type Mismatch, type Schema } from "../schema/schema.js";
import { anything, list, number, oneOf, text } from "../schema/values.js";
import { beta } from "./beta.js";
import { categorical } from "./categorical.js";
import { binomial, poisson } from "./counts.js";
import { dependentOn } from "./dependent.js";
import { dirichlet } from "./dirichlet.js";
import { discrete } from "./discrete.js";
import { isScalar, type Distribution, type ScalarDistribution } from "./distribution.js";
import { exponential, gamma } from "./gamma.js";
import { halfCauchy, logUniform, pareto } from "./heavy-tails.js";
import { independent } from "./independent.js";
import { inverseGamma } from "./inverse-gamma.js";
import { supportLink } from "./link.js";
import { lkj } from "./lkj.js";
import { multivariateNormal } from "./multivariate-normal.js";
import { halfNormal, logNormal, normal } from "./normal.js";
import { ordered } from "./ordered.js";
import { zeroInflated } from "./zero-inflated.js";
import { termFromJSON } from "./term.js";
import { triangular } from "./triangular.js";
import { truncatedNormal } from "./truncated-normal.js";
import { uniform } from "./uniform.js";
import { cauchy, laplace, student } from "./whole-line.js";
import { inverseWishart, wishart } from "./wishart.js";

const real = number();
const reals = list(real);
const infinite = oneOf("Infinity", "-Infinity");
const bound: Schema<number> = either(real, {
  ...infinite,
  read: (value) => Number(infinite.read(value)),
});

/** Absent is what was in force before there was a choice: the map that the bounds alone say. */
const link = optional(text());

/** Nesting beyond this is no prior that anybody meant. */
const DEEPEST = 16;

/** The settings of a distribution, and no others. */
function settings<F extends Parameters<typeof object>[0]>(fields: F) {
  return object(fields, { others: "refused" });
}

const cases = {
  uniform: settings({ lower: real, upper: real, link }),
  normal: settings({ mean: real, sd: real, link }),
  logNormal: settings({ mu: real, sigma: real, link }),
  halfNormal: settings({ sd: real, link }),
  exponential: settings({ rate: real, link }),
  gamma: settings({ shape: real, rate: real, link }),
  beta: settings({ a: real, b: real, link }),
  truncatedNormal: settings({ mean: real, sd: real, lower: bound, upper: bound, link }),
  halfCauchy: settings({ scale: real, link }),
  pareto: settings({ least: real, shape: real, link }),
  logUniform: settings({ lower: real, upper: real, link }),
  inverseGamma: settings({ shape: real, scale: real, link }),
  student: settings({ degrees: real, location: real, scale: real, link }),
  cauchy: settings({ location: real, scale: real, link }),
  laplace: settings({ location: real, scale: real, link }),
  triangular: settings({ lower: real, mode: real, upper: real, link }),
  multivariateNormal: settings({ mean: reals, covariance: reals }),
  dirichlet: settings({ concentration: reals }),
  discrete: settings({ values: reals, probabilities: reals }),
  poisson: settings({ rate: real }),
  binomial: settings({ trials: real, probability: real }),
  categorical: settings({ labels: list(text()), probabilities: reals }),
  dependent: settings({
    parts: list(anything, { least: 1, most: 1 }),
    shift: list(anything),
    scale: list(anything),
  }),
  ordered: settings({ parts: list(anything, { least: 1, most: 1 }), count: real }),
  zeroInflated: settings({ parts: list(anything, { least: 1, most: 1 }), probability: real }),
  wishart: settings({ degrees: real, scale: reals }),
  inverseWishart: settings({ degrees: real, scale: reals }),
  lkj: settings({ dimension: real, eta: real }),
  independent: settings({ parts: list(anything) }),
};

const schema = tagged("name", cases);

/**
 * The distribution that `toJSON` wrote down.
 *
 * @param json plain data, such as JSON.parse gives.
 * @throws InvalidArgumentError where the data is no distribution, or one of your own (`custom`), which is code.
 * @example distributionFromJSON({ name: "uniform", lower: 0, upper: 0.6 })
 */
export function distributionFromJSON(json: unknown): Distribution {
  return read(json, 0);
}

function read(json: unknown, depth: number): Distribution {
  if (depth > DEEPEST) {
    throw new InvalidArgumentError(
      `a distribution in JSON nests more than ${DEEPEST} levels of "independent"`,
    );
  }
  const reading = reads(schema, json);
  if (!reading.fits) throw new InvalidArgumentError(explain(json, reading.mismatch));
  const data = reading.value;
  switch (data.name) {
    case "uniform":
      return uniform(data.lower, data.upper, linkOf(data, "logit"));
    case "normal":
      return normal(data.mean, data.sd, linkOf(data, "identity"));
    case "logNormal":
      return logNormal(data.mu, data.sigma, linkOf(data, "log"));
    case "halfNormal":
      return halfNormal(data.sd, linkOf(data, "log"));
    case "exponential":
      return exponential(data.rate, linkOf(data, "log"));
    case "gamma":
      return gamma(data.shape, data.rate, linkOf(data, "log"));
    case "beta":
      return beta(data.a, data.b, linkOf(data, "logit"));
    case "truncatedNormal":
      return truncatedNormal(
        data.mean,
        data.sd,
        data.lower,
        data.upper,
        linkOf(data, supportLink(data.lower, data.upper)),
      );
    case "halfCauchy":
      return halfCauchy(data.scale, linkOf(data, "log"));
    case "pareto":
      return pareto(data.least, data.shape, linkOf(data, "log"));
    case "logUniform":
      return logUniform(data.lower, data.upper, linkOf(data, "logit"));
    case "inverseGamma":
      return inverseGamma(data.shape, data.scale, linkOf(data, "log"));
    case "student":
      return student(data.degrees, data.location, data.scale, linkOf(data, "identity"));
    case "cauchy":
      return cauchy(data.location, data.scale, linkOf(data, "identity"));
    case "laplace":
      return laplace(data.location, data.scale, linkOf(data, "identity"));
    case "triangular":
      return triangular(data.lower, data.mode, data.upper, linkOf(data, "logit"));
    case "multivariateNormal":
      return multivariateNormal(data.mean, rows(data.covariance, data.mean.length));
    case "dirichlet":
      return dirichlet(data.concentration);
    case "discrete":
      return discrete(data.values, data.probabilities);
    case "poisson":
      return poisson(data.rate);
    case "binomial":
      return binomial(data.trials, data.probability);
    case "categorical":
      return categorical(data.labels, data.probabilities);
    case "ordered":
      return ordered(scalarOf(read(data.parts[0], depth + 1)), data.count);
    case "zeroInflated":
      return zeroInflated(data.probability, scalarOf(read(data.parts[0], depth + 1)));
    case "wishart":
      return wishart(data.degrees, squareRows(data.scale));
    case "inverseWishart":
      return inverseWishart(data.degrees, squareRows(data.scale));
    case "lkj":
      return lkj(data.dimension, data.eta);
    case "dependent":
      return dependentOn(
        read(data.parts[0], depth + 1),
        data.shift.map((one) => termFromJSON(one)),
        data.scale.map((one) => termFromJSON(one)),
      );
    default:
      return independent(data.parts.map((part) => read(part, depth + 1)));
  }
}

/** The link of a distribution in JSON; one that it does not have is refused by the distribution. */
function linkOf<L extends string>(
  data: { readonly link?: string },
  before: L,
): { readonly link: L } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked where it is used
  return { link: (data.link ?? before) as L };
}

function rows(values: readonly number[], d: number): readonly (readonly number[])[] {
  const count = d > 0 ? Math.ceil(values.length / d) : 0;
  return Array.from({ length: count }, (_, i) => values.slice(i * d, (i + 1) * d));
}

function squareRows(values: readonly number[]): readonly (readonly number[])[] {
  return rows(values, Math.round(Math.sqrt(values.length)));
}

/** @throws InvalidArgumentError where a distribution is not of one number. */
function scalarOf(distribution: Distribution): ScalarDistribution {
  if (isScalar(distribution)) return distribution;
  throw new InvalidArgumentError(
    `an ordered or zeroInflated distribution in JSON needs one of one number, but has ${distribution.name}`,
  );
}

function explain(json: unknown, { place, message }: Mismatch): string {
  const name = typeof json === "object" && json !== null && "name" in json ? json.name : undefined;
  if (name === "custom") {
    return "a custom distribution is code, which no file holds; pass the model that defines it";
  }
  if (typeof name !== "string" || !Object.hasOwn(cases, name)) {
    return `a distribution in JSON needs one of the names ${Object.keys(cases).join(", ")}, but was given ${typeof name === "string" ? `"${name}"` : "none"}`;
  }
  return `the distribution "${name}" in JSON is not valid${place && ` at "${place}"`}: it ${message}`;
}
