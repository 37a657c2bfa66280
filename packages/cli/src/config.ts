/**
 * Configuration files: the method, its networks and the training, as JSON. Nothing that is not known is let pass.
 */
import { SYMMETRIES } from "amortis";
import { z } from "zod";
import { UsageError } from "./failures.js";
import { readJsonFile } from "./json-file.js";

/** Names of the methods. */
export const METHODS = [
  "npe",
  "nbe",
  "nre",
  "variational",
  "synthetic-likelihood",
  "summary",
  "posterior-moments",
] as const;
/** Name of a method. */
export type MethodName = (typeof METHODS)[number];

const whole = z.int().min(1);
const widths = z.array(whole);
const activation = z.enum(["relu", "leakyRelu", "elu", "gelu", "silu", "tanh"]);
const dropout = z.number().min(0).lt(1);
const covariance = z.enum(["full", "diagonal"]);

const perceptron = {
  hidden: widths.exactOptional(),
  activation: activation.exactOptional(),
  normalization: z.enum(["none", "layer", "batch"]).exactOptional(),
  residual: z.boolean().exactOptional(),
  dropout: dropout.exactOptional(),
};

const conditioner = { hidden: widths.exactOptional(), activation: activation.exactOptional() };

const symmetries = z.array(z.enum(SYMMETRIES));

const summary = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("cnn"),
    symmetries: symmetries.exactOptional(),
    filters: widths.exactOptional(),
    kernel: whole.exactOptional(),
    pool: whole.exactOptional(),
    pooling: z.enum(["max", "average"]).exactOptional(),
    globalAverage: z.boolean().exactOptional(),
    dense: widths.exactOptional(),
    activation: activation.exactOptional(),
    denseActivation: activation.exactOptional(),
    dropout: dropout.exactOptional(),
    series: z.boolean().exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("mlp"),
    symmetries: symmetries.exactOptional(),
    outputs: whole.exactOptional(),
    ...perceptron,
  }),
  z.strictObject({ kind: z.literal("raw"), symmetries: symmetries.exactOptional() }),
]);

const density = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("splineCoupling"),
    layers: whole.exactOptional(),
    bins: whole.exactOptional(),
    bound: z.number().gt(0).exactOptional(),
    ...conditioner,
  }),
  z.strictObject({
    kind: z.literal("affineCoupling"),
    layers: whole.exactOptional(),
    scaleBound: z.number().gt(0).exactOptional(),
    ...conditioner,
  }),
  z.strictObject({
    kind: z.literal("gaussian"),
    covariance: covariance.exactOptional(),
    ...conditioner,
  }),
  z.strictObject({
    kind: z.literal("gaussianMixture"),
    components: whole.exactOptional(),
    covariance: covariance.exactOptional(),
    ...conditioner,
  }),
]);

/** Settings of training that a file may have; the library checks their ranges. */
const training = z.strictObject({
  simulations: whole.exactOptional(),
  validation: z.number().gt(0).lt(1).exactOptional(),
  onTheFly: z.boolean().exactOptional(),
  seed: z.int().min(0).exactOptional(),
  epochs: whole.exactOptional(),
  batch: whole.exactOptional(),
  learningRate: z.number().gt(0).exactOptional(),
  schedule: z.enum(["cosine", "constant"]).exactOptional(),
  warmUp: z.number().min(0).max(1).exactOptional(),
  weightDecay: z.number().min(0).exactOptional(),
  averaging: z.number().min(0).lt(1).exactOptional(),
  clipNorm: z.number().gt(0).exactOptional(),
  patience: whole.exactOptional(),
});

/** The model's own, or a file. */
const likelihood = z
  .string()
  .refine((text) => text === "graph" || text === "host" || text.endsWith(".amortis"), {
    error: "must be graph, host, or the file of a trained synthetic likelihood, FILE.amortis",
  });

const config = z.strictObject({
  method: z.enum(METHODS).exactOptional(),
  transform: z.union([z.string(), z.array(z.string())]).exactOptional(),
  summary: summary.exactOptional(),
  density: density.exactOptional(),
  head: z.strictObject(perceptron).exactOptional(),
  loss: z.enum(["squared", "absolute", "mode"]).exactOptional(),
  modeWidth: z.number().gt(0).exactOptional(),
  quantiles: z.array(z.number().gt(0).lt(1)).exactOptional(),
  interval: z.number().gt(0).lt(1).exactOptional(),
  classifier: z.strictObject(conditioner).exactOptional(),
  negatives: whole.exactOptional(),
  balanced: z.union([z.boolean(), z.number().min(0)]).exactOptional(),
  draws: whole.exactOptional(),
  likelihood: likelihood.exactOptional(),
  pathGradient: z.boolean().exactOptional(),
  binding: z.strictObject(perceptron).exactOptional(),
  size: whole.exactOptional(),
  bound: z.enum(["jensen-shannon", "infonce", "donsker-varadhan"]).exactOptional(),
  critic: z.strictObject(perceptron).exactOptional(),
  moments: z.literal([1, 2]).exactOptional(),
  training: training.exactOptional(),
});

/** What a configuration file may say. */
export type Config = z.infer<typeof config>;
export type SummaryConfig = z.infer<typeof summary>;
export type DensityConfig = z.infer<typeof density>;

/** How a configuration file is written, for help texts. */
export const CONFIG_HELP = `
A configuration file is JSON; everything in it is optional, and options given on the command line come first:
  {
    "method": "npe",
    "summary": { "kind": "cnn", "filters": [64, 128], "dense": [64] },
    "density": { "kind": "splineCoupling", "layers": 2, "bins": 10 },
    "training": { "simulations": 20000, "epochs": 16, "batch": 32, "learningRate": 0.001 }
  }
  transform   as --transform, or several of them
  summary     cnn: filters, kernel, pool, pooling, globalAverage, dense, activation, denseActivation, dropout, series
              mlp: hidden, outputs, activation, normalization, residual, dropout;  raw (the data themselves)
              all: symmetries of the model, in which training shows the data: verticalFlip, horizontalFlip, transpose, negate
  density     splineCoupling: layers, bins, bound, hidden, activation;  affineCoupling: layers, scaleBound, hidden, activation
              gaussian: covariance, hidden, activation;  gaussianMixture: components, covariance, hidden, activation
              (npe, variational)
  loss        squared (posterior mean), absolute (median), mode; modeWidth; quantiles; interval; head (an mlp)      (nbe)
  classifier  hidden, activation;  negatives;  balanced (true, or the weight of its penalty)                        (nre)
  likelihood  graph or host, the model's own; or the FILE.amortis of a trained synthetic-likelihood, with the --transform it was
              trained with;  draws;  pathGradient                                                                   (variational)
  binding     an mlp, from parameters to the summary's mean and covariance                                          (synthetic-likelihood)
  size        length of the summary;  bound: jensen-shannon, infonce, donsker-varadhan;  critic (an mlp);  negatives   (summary)
  moments     1 (posterior means) or 2 (also of squares)                                                            (posterior-moments)
  training    simulations, validation, onTheFly, seed, epochs, batch, learningRate, schedule, warmUp, weightDecay, averaging, clipNorm, patience`;

/**
 * Reads a configuration file.
 *
 * @throws FileError where it cannot be read; UsageError where it is no JSON, or says something that is not known, with the place.
 */
export async function readConfig(path: string): Promise<Config> {
  const parsed = config.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path: place, message }) =>
    place.length === 0 ? message : `${place.join(".")}: ${message}`,
  );
  throw new UsageError(`${path}: ${issues.join("; ")}`);
}
