/**
 * Summary networks of plain vectors.
 */
import {
  concat,
  constant,
  gather,
  InvalidArgumentError,
  reshape,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { arrayNames } from "./elements.js";
import { mlp } from "./mlp.js";
import type { SummaryNetwork } from "./network.js";

/** All data of each example as one vector, in alphabetical order of their names: [batch, ...shape] each to [batch, n]. */
export function flattenData(data: Readonly<Record<string, Tensor>>): Tensor {
  for (const name of arrayNames(data)) requireFixed(name, data[name]);
  const names = Object.keys(data).toSorted();
  const parts = names.flatMap((name) => {
    const tensor = data[name];
    if (tensor === undefined) return [];
    const size = tensor.shape.slice(1).reduce<number>((n, dim) => n * Number(dim), 1);
    return [reshape(tensor, [tensor.shape[0] ?? 1, size])];
  });
  if (parts.length === 0) {
    throw new InvalidArgumentError("a summary network needs at least one data array");
  }
  return concat(parts, -1);
}

/** @throws InvalidArgumentError where there is no telling how long the vector is. */
function requireFixed(name: string, array: Tensor | undefined): void {
  const free = array?.shape.slice(1).find((size) => typeof size === "string");
  if (free === undefined) return;
  throw new InvalidArgumentError(
    `"${name}" has a size "${free}" that varies, so that it is no vector of fixed length: give it a network of sets, such as deepSet()`,
  );
}

/** Places of the numbers that are kept of the joined vector. */
const only = z.array(z.int().min(0)).min(1).readonly().optional();

/** The numbers of the joined vector at some places, or all. */
function numbersAt(
  kind: string,
  data: Readonly<Record<string, Tensor>>,
  places: z.output<typeof only>,
): Tensor {
  const all = flattenData(data);
  if (places === undefined) return all;
  const size = Number(all.shape[1]);
  const beyond = places.find((place) => place >= size);
  if (beyond === undefined) return gather(all, constant(places, [places.length], "int64"), 1);
  throw new InvalidArgumentError(
    `${kind}: only names place ${beyond}, but data sets have ${size} numbers: places are 0 to ${size - 1}`,
  );
}

const settings = new Settings(
  "summary",
  "mlpSummary",
  z.strictObject({
    /** Length of what the network makes of the data. */
    outputs: whole.default(32),
    /** Whether the data as they are come beside it, past the network. */
    skip: z.boolean().default(false),
    /** Places of the numbers that are seen of the joined vector, from 0; by default all. */
    only,
    ...mlp.settings.schema.shape,
  }),
  {
    alias: "mlp",
    // Descriptions of what has neither are as they were.
    before: { ...mlp.settings.before, skip: false },
    // Files have the perceptron as a part of its own.
    fromFile: withNetwork,
  },
);

/** The description of a summary with the settings of its network among its own. */
export function withNetwork({
  network,
  ...rest
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { kind: _, ...own } = typeof network === "object" ? { kind: "", ...network } : { network };
  return { ...rest, ...own };
}

/** Settings of a summary by a multilayer perceptron. */
export type MlpSummaryOptions = z.input<typeof settings.schema>;

/**
 * A multilayer perceptron of all data, flattened and joined in alphabetical order of their names.
 *
 * @param options defaults: two hidden layers of 128, a summary of 32 numbers, without the data themselves. `skip` adds them: what a density is to know exactly it need
 * not learn to copy. `only` leaves out numbers that say nothing of the parameters.
 * @throws InvalidArgumentError where a setting is out of range; when applied, where `only` names a place beyond the data.
 * @example npe(model, { summary: mlpSummary({ hidden: [256, 256], outputs: 64, skip: true }) })
 */
export function mlpSummary(options: MlpSummaryOptions = {}): SummaryNetwork {
  const { outputs, skip, only: places, ...rest } = settings.resolve(options);
  const network = mlp(rest);
  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const seen = numbersAt(settings.kind, data, places);
      const learned = network.apply(scope, seen, outputs);
      return skip ? concat([seen, learned], -1) : learned;
    },
    describe: () => settings.describe({ outputs, skip, only: places, network }),
  };
}
mlpSummary.settings = settings;

const rawSettings = new Settings(
  "summary",
  "rawSummary",
  z.strictObject({
    /** Places of the numbers that are kept of the joined vector, from 0; by default all. */
    only,
  }),
  { alias: "raw" },
);

/** Settings of the data as they are. */
export type RawSummaryOptions = z.input<typeof rawSettings.schema>;

/**
 * The data as they are, flattened and joined, in alphabetical order of their names: where they are few and already summaries.
 *
 * @param options `only`, to leave out numbers that say nothing of the parameters.
 * @example npe(model, { summary: rawSummary({ only: [0, 1, 5] }) })
 */
export function rawSummary(options: RawSummaryOptions = {}): SummaryNetwork {
  const { only: places } = rawSettings.resolve(options);
  return {
    kind: rawSettings.kind,
    apply: (_, data) => numbersAt(rawSettings.kind, data, places),
    describe: () => rawSettings.describe({ only: places }),
  };
}
rawSummary.settings = rawSettings;
