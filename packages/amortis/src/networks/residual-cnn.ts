/**
 * Residual convolutional networks of grids and images.
 *
 *     x ← x + C₂ a(N(C₁ a(N(x))))
 *
 * with convolutions C of 3×3, normalisations N over the channels of each place, and activations before them (He et al. 2016, arXiv 1603.05027), in stages between
 * which maps are halved by means. The last map is averaged over its places, so that data that look alike everywhere need few simulations.
 */
import {
  add,
  concat,
  glorotUniform,
  heNormal,
  max,
  mean,
  spatialConv2d,
  spatialConvWindows2d,
  zerosInit,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { spatialMap } from "./cnn.js";
import { dense } from "./mlp.js";
import type { SummaryNetwork } from "./network.js";
import { layerNormalization } from "./normalization.js";

const settings = new Settings(
  "summary",
  "residualCnn",
  z.strictObject({
    /** Filters of each stage; between stages maps are halved. */
    filters: z.array(whole).min(1).readonly().default([32, 64, 128]),
    /** Blocks of two convolutions in each stage. */
    blocks: whole.default(1),
    activation: activation.default("silu"),
    /** Length of the summary. */
    outputs: whole.default(64),
  }),
);

/** Settings of a residual convolutional network. */
export type ResidualCnnOptions = z.input<typeof settings.schema>;

/** The last convolution of a block starts this much smaller than usual. */
const LAST_GAIN = 0.1;

/**
 * A residual convolutional network of grids [height, width], or [height, width, channels]. Several arrays on the same grid become its channels.
 *
 * @param options defaults: three stages of 32, 64 and 128 filters with a block each, SiLU, a summary of 64 numbers.
 * @throws InvalidArgumentError where a setting is out of range, or the data have no grid in common.
 * @example npe(field, { summary: residualCnn({ filters: [32, 64] }) })
 */
export function residualCnn(options: ResidualCnnOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { filters, blocks, outputs } = resolved;
  return {
    kind: settings.kind,
    apply: (scope, data) => {
      let map = spatialMap(data, false);
      for (const [i, width] of filters.entries()) {
        const stage = scope.child(`stage${i}`);
        map = i === 0 ? convolution(stage, map, width) : halved(stage, map, width);
        for (let k = 0; k < blocks; k++) {
          map = residualBlock(stage.child(`block${k}`), map, resolved.activation);
        }
      }
      const last = activate(resolved.activation, layerNormalization(scope.child("last"), map));
      const places = [mean(last, { axes: [0, 1] }), max(last, { axes: [0, 1] })];
      return dense(scope.child("output"), concat(places, -1), outputs, glorotUniform());
    },
    describe: () => settings.describe(resolved),
  };
}
residualCnn.settings = settings;

/** A block of two convolutions [height, width, batch, channels], added to what it is given. */
export function residualBlock(
  scope: Scope,
  map: Tensor,
  name: z.output<typeof activation>,
): Tensor {
  const width = Number(map.shape[3]);
  const first = activate(name, layerNormalization(scope.child("normalization0"), map));
  const inner = convolution(scope.child("first"), first, width);
  const second = activate(name, layerNormalization(scope.child("normalization1"), inner));
  return add(map, convolution(scope.child("second"), second, width, LAST_GAIN));
}

/** A convolution of 3×3 that keeps the map's size. */
export function convolution(scope: Scope, map: Tensor, width: number, gain = 1): Tensor {
  const [weights, bias] = weightsOf(scope, map, width, gain);
  return add(spatialConv2d(map, weights, { padding: "same" }), bias);
}

/** A convolution of 3×3, and means of 2×2 places of what it gives. */
export function halved(scope: Scope, map: Tensor, width: number): Tensor {
  const [weights, bias] = weightsOf(scope, map, width, 1);
  const [height = 1, across = 1] = map.shape.map(Number);
  const windows = spatialConvWindows2d(map, weights, [Math.min(2, height), Math.min(2, across)], {
    padding: "same",
  });
  return add(mean(windows, { axes: [0] }), bias);
}

function weightsOf(
  scope: Scope,
  map: Tensor,
  width: number,
  gain: number,
): readonly [Tensor, Tensor] {
  const channels = Number(map.shape[3]);
  return [
    scope.variable("kernel", [3, 3, channels, width], heNormal(gain)),
    scope.variable("bias", [width], zerosInit),
  ];
}
