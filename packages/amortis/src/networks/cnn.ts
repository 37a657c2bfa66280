/**
 * Convolutional networks of grids, images and series.
 *
 * By default the review's (Zammit-Mangion, Sainsbury-Dale & Huser, arXiv 2404.12484, section 6): two 3×3 convolutions of 64 and 128
 * filters with ReLU, each followed by 2×2 max pooling, then a dense layer of 64 with leaky ReLU, whose outputs are the summary.
 *
 * Activations that never decrease are taken after the pooling, on a quarter of the map: max and they commute.
 */
import {
  add,
  heNormal,
  InvalidArgumentError,
  max,
  mean,
  reshape,
  spatialConvMaxPool2d,
  spatialConvWindows2d,
  transpose,
  concat,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { share, whole, widths } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation, type Activation } from "./activations.js";
import { dense } from "./mlp.js";
import type { SummaryNetwork } from "./network.js";
import { dropout } from "./normalization.js";

const settings = new Settings(
  "summary",
  "cnn",
  z.strictObject({
    /** Filters of each convolution. */
    filters: widths.default([64, 128]),
    /** Size of the kernels along each axis. */
    kernel: whole.default(3),
    /** Window of the pooling after each convolution; 1 for none. */
    pool: whole.default(2),
    /** Largest of each window, or its mean: means keep more of what is spread over a field, such as its roughness. */
    pooling: z.enum(["max", "average"]).default("max"),
    /** Whether the last map is averaged over all its places, as suits data that look alike everywhere, and few simulations. */
    globalAverage: z.boolean().default(false),
    /** Widths of the dense layers; the last is the length of the summary. */
    dense: z.array(whole).min(1).readonly().default([64]),
    activation: activation.default("relu"),
    denseActivation: activation.default("leakyRelu"),
    /** Share of dense units set to zero at each training step. */
    dropout: share.default(0),
    /** Whether data are series, [length] or [length, channels], instead of grids, [height, width] or [height, width, channels]. */
    series: z.boolean().default(false),
  }),
);

/** Settings of a convolutional network. */
export type CnnOptions = z.input<typeof settings.schema>;

const INCREASING: readonly Activation[] = ["relu", "leakyRelu", "elu", "tanh"];

/**
 * A convolutional summary network. Several arrays on the same grid become its channels.
 *
 * @throws InvalidArgumentError where a setting is out of range, or the data have no grid in common.
 * @example npe(field, { summary: cnn({ filters: [32, 64], dense: [128, 32] }) })
 */
export function cnn(options: CnnOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { filters, kernel, pool, pooling, globalAverage, activation, series } = resolved;

  function convolution(scope: Scope, map: Tensor, width: number): Tensor {
    const [height = 1, across = 1, , channels = 1] = map.shape;
    const size = series ? [kernel, 1] : [kernel, kernel];
    const weights = scope.variable("kernel", [...size, Number(channels), width], heNormal());
    const bias = scope.variable("bias", [width], zerosInit);
    const window = [Math.min(pool, Number(height)), Math.min(pool, Number(across))] as const;
    if (pooling === "max" && INCREASING.includes(activation)) {
      return activate(activation, add(spatialConvMaxPool2d(map, weights, window), bias));
    }
    const active = activate(activation, add(spatialConvWindows2d(map, weights, window), bias));
    return pooling === "max" ? max(active, { axes: [0] }) : mean(active, { axes: [0] });
  }

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      let map = spatialMap(data, series);
      for (const [i, width] of filters.entries())
        map = convolution(scope.child(`convolution${i}`), map, width);
      let features = globalAverage ? mean(map, { axes: [0, 1] }) : flattenMap(map);
      for (const [i, width] of resolved.dense.entries()) {
        const layer = dense(scope.child(`dense${i}`), features, width, heNormal());
        features = dropout(scope, activate(resolved.denseActivation, layer), resolved.dropout);
      }
      return features;
    },
    describe: () => settings.describe(resolved),
  };
}
cnn.settings = settings;

/** [height, width, batch, channels] as [batch, height · width · channels]. */
function flattenMap(map: Tensor): Tensor {
  const [height = 1, width = 1, batch = 1, channels = 1] = map.shape;
  return reshape(transpose(map, [2, 0, 1, 3]), [
    batch,
    Number(height) * Number(width) * Number(channels),
  ]);
}

/** All arrays as one map with the spatial axes outermost: [height, width, batch, channels]. */
export function spatialMap(data: Readonly<Record<string, Tensor>>, series: boolean): Tensor {
  const maps = Object.keys(data)
    .toSorted()
    .flatMap((name) => {
      const tensor = data[name];
      return tensor === undefined ? [] : [oneMap(name, tensor, series)];
    });
  const [first] = maps;
  if (first === undefined) throw new InvalidArgumentError("cnn: needs at least one data array");
  if (maps.some((map) => map.shape[0] !== first.shape[0] || map.shape[1] !== first.shape[1])) {
    const shapes = Object.entries(data).map(
      ([name, { shape }]) => `${name} [${shape.slice(1).join(", ")}]`,
    );
    throw new InvalidArgumentError(
      `cnn: all data must lie on one grid, but there are ${shapes.join(", ")}`,
    );
  }
  return concat(maps, -1);
}

function oneMap(name: string, tensor: Tensor, series: boolean): Tensor {
  const [batch = 1, ...sizes] = tensor.shape;
  const spatial = series ? 1 : 2;
  if (sizes.length !== spatial && sizes.length !== spatial + 1) {
    const expected = series
      ? "[length] or [length, channels]"
      : "[height, width] or [height, width, channels]";
    throw new InvalidArgumentError(
      `cnn: "${name}" should be ${expected}, but is [${sizes.join(", ")}]; ${series ? "" : "for series pass { series: true }, "}for vectors use mlpSummary`,
    );
  }
  const channels = sizes.length === spatial ? 1 : (sizes[spatial] ?? 1);
  const [height, width] = series ? [sizes[0] ?? 1, 1] : [sizes[0] ?? 1, sizes[1] ?? 1];
  if (channels === 1) {
    // One channel needs a plain matrix transpose only.
    const pixels = Number(height) * Number(width);
    return reshape(transpose(reshape(tensor, [batch, pixels])), [height, width, batch, 1]);
  }
  return transpose(reshape(tensor, [batch, height, width, channels]), [1, 2, 0, 3]);
}
