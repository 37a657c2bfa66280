/**
 * Distributions from plain data: what `toJSON` gave, perhaps in a stranger's file. Nothing is executed and everything is checked.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { z } from "zod";
import { beta } from "./beta.js";
import { categorical } from "./categorical.js";
import { binomial, poisson } from "./counts.js";
import { dependentOn } from "./dependent.js";
import { dirichlet } from "./dirichlet.js";
import { discrete } from "./discrete.js";
import type { Distribution } from "./distribution.js";
import { exponential, gamma } from "./gamma.js";
import { halfCauchy, logUniform, pareto } from "./heavy-tails.js";
import { independent } from "./independent.js";
import { inverseGamma } from "./inverse-gamma.js";
import { supportLink } from "./link.js";
import { multivariateNormal } from "./multivariate-normal.js";
import { halfNormal, logNormal, normal } from "./normal.js";
import { termFromJSON } from "./term.js";
import { triangular } from "./triangular.js";
import { truncatedNormal } from "./truncated-normal.js";
import { uniform } from "./uniform.js";
import { cauchy, laplace, student } from "./whole-line.js";

const number = z.number();
const numbers = z.array(number);
const bound = z.union([
  number,
  z.enum(["Infinity", "-Infinity"]).transform((text) => Number(text)),
]);

/** Absent is what was in force before there was a choice: the map that the bounds alone say. */
const link = z.string().exactOptional();

/** Nesting beyond this is no prior that anybody meant. */
const DEEPEST = 16;

const schema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("uniform"),
    lower: number,
    upper: number,
    link,
  }),
  z.strictObject({ name: z.literal("normal"), mean: number, sd: number, link }),
  z.strictObject({ name: z.literal("logNormal"), mu: number, sigma: number, link }),
  z.strictObject({ name: z.literal("halfNormal"), sd: number, link }),
  z.strictObject({ name: z.literal("exponential"), rate: number, link }),
  z.strictObject({ name: z.literal("gamma"), shape: number, rate: number, link }),
  z.strictObject({ name: z.literal("beta"), a: number, b: number, link }),
  z.strictObject({
    name: z.literal("truncatedNormal"),
    mean: number,
    sd: number,
    lower: bound,
    upper: bound,
    link,
  }),
  z.strictObject({ name: z.literal("halfCauchy"), scale: number, link }),
  z.strictObject({ name: z.literal("pareto"), least: number, shape: number, link }),
  z.strictObject({ name: z.literal("logUniform"), lower: number, upper: number, link }),
  z.strictObject({ name: z.literal("inverseGamma"), shape: number, scale: number, link }),
  z.strictObject({
    name: z.literal("student"),
    degrees: number,
    location: number,
    scale: number,
    link,
  }),
  z.strictObject({ name: z.literal("cauchy"), location: number, scale: number, link }),
  z.strictObject({ name: z.literal("laplace"), location: number, scale: number, link }),
  z.strictObject({
    name: z.literal("triangular"),
    lower: number,
    mode: number,
    upper: number,
    link,
  }),
  z.strictObject({ name: z.literal("multivariateNormal"), mean: numbers, covariance: numbers }),
  z.strictObject({ name: z.literal("dirichlet"), concentration: numbers }),
  z.strictObject({ name: z.literal("discrete"), values: numbers, probabilities: numbers }),
  z.strictObject({ name: z.literal("poisson"), rate: number }),
  z.strictObject({ name: z.literal("binomial"), trials: number, probability: number }),
  z.strictObject({
    name: z.literal("categorical"),
    labels: z.array(z.string()),
    probabilities: numbers,
  }),
  z.strictObject({
    name: z.literal("dependent"),
    parts: z.tuple([z.unknown()]),
    shift: z.array(z.unknown()),
    scale: z.array(z.unknown()),
  }),
  z.strictObject({ name: z.literal("independent"), parts: z.array(z.unknown()) }),
]);

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
  const { success, data, error } = schema.safeParse(json);
  if (!success) throw new InvalidArgumentError(explain(json, error));
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

function explain(json: unknown, error: z.ZodError): string {
  const name = typeof json === "object" && json !== null && "name" in json ? json.name : undefined;
  if (name === "custom") {
    return "a custom distribution is code, which no file holds; pass the model that defines it";
  }
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  const known = schema.options.map((option) => option.shape.name.value);
  if (typeof name !== "string" || !known.some((one) => one === name)) {
    return `a distribution in JSON needs one of the names ${known.join(", ")}, but was given ${typeof name === "string" ? `"${name}"` : "none"}`;
  }
  return `the distribution "${name}" in JSON is not valid${path && ` at "${path}"`}: ${issue?.message ?? "unknown"}`;
}
