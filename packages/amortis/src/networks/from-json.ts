/**
 * The library's own networks, from what they say of themselves in files.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { z } from "zod";
import { augmented, SYMMETRIES } from "./augmented.js";
import { cnn } from "./cnn.js";
import { linearSummary } from "./linear-summary.js";
import { mlp } from "./mlp.js";
import type { Network, SummaryNetwork } from "./network.js";
import { mlpSummary, rawSummary } from "./summary.js";

const widths = z.array(z.int().min(1));
const activation = z.enum(["relu", "leakyRelu", "elu", "gelu", "silu", "tanh"]);

const mlpSchema = z.object({
  kind: z.literal("mlp"),
  hidden: widths,
  activation,
  normalization: z.enum(["none", "layer", "batch"]),
  residual: z.boolean(),
  dropout: z.number(),
});

const cnnSchema = z.object({
  kind: z.literal("cnn"),
  filters: widths,
  kernel: z.int(),
  pool: z.int(),
  pooling: z.enum(["max", "average"]),
  globalAverage: z.boolean(),
  dense: widths,
  activation,
  denseActivation: activation,
  dropout: z.number(),
  series: z.boolean(),
});

const mlpSummarySchema = z.object({
  kind: z.literal("mlpSummary"),
  outputs: z.int(),
  network: mlpSchema,
});

const linearSchema = z.object({
  kind: z.literal("linearSummary"),
  outputs: z.int(),
  network: z.json(),
});

const augmentedSchema = z.object({
  kind: z.literal("augmented"),
  symmetries: z.array(z.enum(SYMMETRIES)),
  network: z.json(),
});

/**
 * A network from its description.
 *
 * @throws InvalidArgumentError where it is not one of the library's.
 */
export function networkFromJSON(description: unknown): Network {
  const parsed = mlpSchema.safeParse(description);
  if (parsed.success) return mlp(parsed.data);
  throw foreign("network", description);
}

/**
 * A summary network from its description.
 *
 * @throws InvalidArgumentError where it is not one of the library's.
 */
export function summaryNetworkFromJSON(description: unknown): SummaryNetwork {
  const kind = z.object({ kind: z.string() }).safeParse(description).data?.kind;
  const [convolutional, perceptron, linear, shown] = [
    cnnSchema.safeParse(description),
    mlpSummarySchema.safeParse(description),
    linearSchema.safeParse(description),
    augmentedSchema.safeParse(description),
  ];
  if (convolutional.success) return cnn(convolutional.data);
  if (perceptron.success) {
    const { network, outputs } = perceptron.data;
    return mlpSummary({ ...network, outputs });
  }
  if (linear.success) {
    return linearSummary(summaryNetworkFromJSON(linear.data.network), linear.data.outputs);
  }
  if (shown.success) {
    return augmented(summaryNetworkFromJSON(shown.data.network), shown.data.symmetries);
  }
  if (kind === "rawSummary") return rawSummary();
  throw foreign("summary network", description);
}

function foreign(what: string, description: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    `the ${what} ${JSON.stringify(description)} is not one of the library's, so that its file cannot rebuild it: give the network it was trained with`,
  );
}
