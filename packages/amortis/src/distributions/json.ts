/**
 * Distributions from plain data: what `toJSON` gave, perhaps in a stranger's file. Nothing is executed and everything is checked.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { z } from "zod";
import { beta } from "./beta.js";
import { dirichlet } from "./dirichlet.js";
import { discrete } from "./discrete.js";
import type { Distribution } from "./distribution.js";
import { exponential, gamma } from "./gamma.js";
import { halfCauchy, logUniform, pareto } from "./heavy-tails.js";
import { independent } from "./independent.js";
import { multivariateNormal } from "./multivariate-normal.js";
import { halfNormal, logNormal, normal } from "./normal.js";
import { truncatedNormal } from "./truncated-normal.js";
import { uniform } from "./uniform.js";

const number = z.number();
const numbers = z.array(number);
const bound = z.union([
  number,
  z.enum(["Infinity", "-Infinity"]).transform((text) => Number(text)),
]);

/** Nesting beyond this is no prior that anybody meant. */
const DEEPEST = 16;

const schema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("uniform"),
    lower: number,
    upper: number,
    link: z.enum(["logit", "probit"]).exactOptional(),
  }),
  z.strictObject({ name: z.literal("normal"), mean: number, sd: number }),
  z.strictObject({ name: z.literal("logNormal"), mu: number, sigma: number }),
  z.strictObject({ name: z.literal("halfNormal"), sd: number }),
  z.strictObject({ name: z.literal("exponential"), rate: number }),
  z.strictObject({ name: z.literal("gamma"), shape: number, rate: number }),
  z.strictObject({ name: z.literal("beta"), a: number, b: number }),
  z.strictObject({
    name: z.literal("truncatedNormal"),
    mean: number,
    sd: number,
    lower: bound,
    upper: bound,
  }),
  z.strictObject({ name: z.literal("halfCauchy"), scale: number }),
  z.strictObject({ name: z.literal("pareto"), least: number, shape: number }),
  z.strictObject({ name: z.literal("logUniform"), lower: number, upper: number }),
  z.strictObject({ name: z.literal("multivariateNormal"), mean: numbers, covariance: numbers }),
  z.strictObject({ name: z.literal("dirichlet"), concentration: numbers }),
  z.strictObject({ name: z.literal("discrete"), values: numbers, probabilities: numbers }),
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
      return uniform(data.lower, data.upper, data);
    case "normal":
      return normal(data.mean, data.sd);
    case "logNormal":
      return logNormal(data.mu, data.sigma);
    case "halfNormal":
      return halfNormal(data.sd);
    case "exponential":
      return exponential(data.rate);
    case "gamma":
      return gamma(data.shape, data.rate);
    case "beta":
      return beta(data.a, data.b);
    case "truncatedNormal":
      return truncatedNormal(data.mean, data.sd, data.lower, data.upper);
    case "halfCauchy":
      return halfCauchy(data.scale);
    case "pareto":
      return pareto(data.least, data.shape);
    case "logUniform":
      return logUniform(data.lower, data.upper);
    case "multivariateNormal":
      return multivariateNormal(data.mean, rows(data.covariance, data.mean.length));
    case "dirichlet":
      return dirichlet(data.concentration);
    case "discrete":
      return discrete(data.values, data.probabilities);
    default:
      return independent(data.parts.map((part) => read(part, depth + 1)));
  }
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
