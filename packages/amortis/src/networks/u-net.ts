/**
 * U-shaped networks, for parameters that are fields themselves: at each place of a grid a few features.
 *
 * Maps are halved stage by stage, as far as places must hear of each other, then doubled again; at each size what was there on the way down stands beside what
 * comes up, so that no detail is lost (Ronneberger et al. 2015, arXiv 1505.04597). Blocks are residual ones.
 */
import {
  concat,
  glorotUniform,
  InvalidArgumentError,
  multiplyDims,
  pad,
  reshape,
  slice,
  transpose,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { spatialMap } from "./cnn.js";
import { dense } from "./mlp.js";
import type { Network, SummaryNetwork } from "./network.js";
import { layerNormalization } from "./normalization.js";
import { convolution, halved, residualBlock } from "./residual-cnn.js";

const settings = new Settings(
  "summary",
  "uNet",
  z.strictObject({
    /** Filters at each size, the full one first; between them maps are halved. */
    filters: z.array(whole).min(1).readonly().default([16, 32, 64]),
    activation: activation.default("silu"),
    /** Features of each place. */
    features: whole.default(8),
  }),
);

/** Settings of a U-shaped network. */
export type UNetOptions = z.input<typeof settings.schema>;

/**
 * A U-shaped network of grids [height, width], or [height, width, channels]: a summary of height · width · features numbers, place after place in row-major order.
 * With `placewise` as the head, each place of a field of parameters is estimated from its own features.
 *
 * @param options defaults: 16, 32 and 64 filters, SiLU, eight features of each place.
 * @throws InvalidArgumentError where a setting is out of range, or the data have no grid in common.
 * @example nbe(field, { summary: uNet(), head: placewise({ places: 16 * 16 }), interval: 0.9 })
 */
export function uNet(options: UNetOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { filters, features } = resolved;
  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const given = spatialMap(data, false);
      const [height = 1, width = 1] = given.shape.map(Number);
      const map = filled(given, 2 ** (filters.length - 1));
      const beside: Tensor[] = [];
      let x = map;
      for (const [i, count] of filters.entries()) {
        const stage = scope.child(`down${i}`);
        x = i === 0 ? convolution(stage, x, count) : halved(stage, x, count);
        x = residualBlock(stage.child("block"), x, resolved.activation);
        beside.push(x);
      }
      for (let i = filters.length - 2; i >= 0; i--) {
        const stage = scope.child(`up${i}`);
        const both = concat([doubled(x), beside[i] ?? x], -1);
        x = convolution(stage, both, filters[i] ?? 1);
        x = residualBlock(stage.child("block"), x, resolved.activation);
      }
      const kept = slice(slice(x, 0, 0, height), 1, 0, width);
      const last = layerNormalization(scope.child("last"), kept);
      const found = dense(
        scope.child("output"),
        activate(resolved.activation, last),
        features,
        glorotUniform(),
      );
      const batch = found.shape[2] ?? 1;
      return reshape(transpose(found, [2, 0, 1, 3]), [batch, height * width * features]);
    },
    describe: () => settings.describe(resolved),
  };
}
uNet.settings = settings;

/** A map [height, width, batch, channels] with zeros at its ends, so that both sizes are multiples of a number. */
function filled(map: Tensor, of: number): Tensor {
  const [height = 1, width = 1] = map.shape.map(Number);
  const missing = [height, width].map((size) => (of - (size % of)) % of);
  if (missing.every((size) => size === 0)) return map;
  return pad(map, [
    [0, missing[0] ?? 0],
    [0, missing[1] ?? 0],
    [0, 0],
    [0, 0],
  ]);
}

/** A map of twice the size, each place four times. */
function doubled(map: Tensor): Tensor {
  const [height = 1, width = 1, batch = 1, channels = 1] = map.shape;
  const [h, w] = [Number(height), Number(width)];
  const all = multiplyDims([batch, channels]);
  const twice = (x: Tensor, axis: number): Tensor => concat([x, x], axis);
  const spread = twice(twice(reshape(map, [h, 1, w, 1, all], map), 1), 3);
  return reshape(spread, [2 * h, 2 * w, batch, channels], map);
}

const placewiseSettings = new Settings(
  "network",
  "placewise",
  z.strictObject({
    /** Places, each with as many features. */
    places: whole,
  }),
);

/** Settings of a head that goes place by place. */
export type PlacewiseOptions = z.input<typeof placewiseSettings.schema>;

/**
 * A linear map from the features of each place to what is asked of it, the same everywhere: [..., places · k] to [..., r · places], r numbers of each place, one
 * field after another.
 *
 * @throws InvalidArgumentError where a setting is out of range; when applied, where features or outputs are not as many for each place.
 * @example nbe(field, { summary: uNet(), head: placewise({ places: 16 * 16 }) })
 */
export function placewise(options: PlacewiseOptions): Network {
  const resolved = placewiseSettings.resolve(options);
  const { places } = resolved;
  return {
    kind: placewiseSettings.kind,
    apply: (scope: Scope, x: Tensor, outputs: number) => {
      const [batch = 1, width = 1] = x.shape;
      const [features, each] = [Number(width) / places, outputs / places];
      if (x.rank !== 2 || !Number.isInteger(features) || !Number.isInteger(each)) {
        throw new InvalidArgumentError(
          `placewise: ${Number(width)} features and ${outputs} outputs are not as many for each of ${places} places: let the parameters be a field of so many numbers, and leave the trend out (trend: "none")`,
        );
      }
      const found = dense(scope, reshape(x, [batch, places, features]), each, glorotUniform());
      return reshape(transpose(found, [0, 2, 1]), [batch, outputs]);
    },
    describe: () => placewiseSettings.describe(resolved),
  };
}
placewise.settings = placewiseSettings;
