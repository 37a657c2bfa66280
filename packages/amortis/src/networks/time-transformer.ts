/**
 * Transformers of series at any times.
 *
 *     x_i = W z_i + V e(t_i),      e(t) = (sin ω_k t, cos ω_k t : k),
 *
 * with frequencies ω_k over decades (as the positions of Vaswani et al. 2017, arXiv 1706.03762, section 3.5, but of real times; Kazemi et al. 2019, arXiv
 * 1907.05321), so that times need be neither regular nor equally many. Tokens look at each other, and are pooled by attention.
 */
import {
  add,
  concat,
  constant,
  cos,
  glorotUniform,
  InvalidArgumentError,
  mul,
  sin,
  transpose,
  type Named,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { presenceName } from "../data/standardization.js";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { oneSet } from "./elements.js";
import { dense, mlp } from "./mlp.js";
import { networkSlot, type SummaryNetwork } from "./network.js";
import { logCount, pool } from "./pooling.js";
import { tokensSlot, transformer } from "./transformer.js";

const settings = new Settings(
  "summary",
  "timeTransformer",
  z.strictObject({
    /** The array of times, [n]; by default values are at regular times, in their order. */
    times: z.string().optional(),
    /** Frequencies of the embedding, from one period over all times on, each a step shorter. */
    frequencies: whole.default(8),
    /** The network of tokens. */
    tokens: tokensSlot.default(() => transformer({ width: 32, blocks: 2 })),
    /** ρ, from pooled tokens, and log n, to the summary. */
    rho: networkSlot.default(() => mlp({ hidden: [128], activation: "silu" })),
    /** Length of the summary. */
    outputs: whole.default(32),
  }),
);

/** Settings of a transformer of series. */
export type TimeTransformerOptions = z.input<typeof settings.schema>;

/** Ratio of neighbouring frequencies. */
const STEP = 1.6;

/** Angle of the first frequency over one standard deviation of the times. */
const FIRST = 0.9;

/** Standard deviation of times that are spread evenly over one. */
const SPREAD = 12 ** -0.5;

/**
 * A transformer of series [n], or [n, channels]; several of one length are numbers at the same times.
 *
 * @param options defaults: regular times, eight frequencies, a transformer of two blocks of width 32, a summary of 32 numbers.
 * @throws InvalidArgumentError where a setting is out of range; when applied, where the array of times is not there, or times are to be regular but nobody
 *   knows how many there are.
 * @example
 * // data: { t: ["n"], y: ["n", 2] }
 * npe(model, { summary: timeTransformer({ times: "t" }) })
 */
export function timeTransformer(options: TimeTransformerOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { times, frequencies, tokens, rho, outputs } = resolved;
  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const { elements, there } = oneSet(settings.kind, valuesOf(data, times));
      const embedded = embedding(timesOf(data, times, elements), frequencies);
      const start = add(
        dense(scope.child("values"), elements, tokens.width, glorotUniform()),
        dense(scope.child("times"), embedded, tokens.width, glorotUniform()),
      );
      const mask = there && transpose(there, [0, 2, 1]);
      const last = tokens.apply(scope.child("tokens"), start, mask && { mask });
      const parts = [
        pool(scope, "attention", last, there),
        pool(scope, "mean", last, there),
        ...(there === undefined ? [] : [logCount(there)]),
      ];
      return rho.apply(scope.child("rho"), concat(parts, -1), outputs);
    },
    describe: () => settings.describe(resolved),
  };
}
timeTransformer.settings = settings;

/** What is there at the times. */
function valuesOf(data: Named, times: string | undefined): Named {
  if (times === undefined) return data;
  if (data[times] === undefined) {
    throw new InvalidArgumentError(
      `timeTransformer: there is no array of times "${times}"; there are ${Object.keys(data).join(", ")}`,
    );
  }
  return Object.fromEntries(
    Object.entries(data).filter(([name]) => name !== times && name !== presenceName(times)),
  );
}

/** Times in standard deviations, [batch or 1, n, 1]. */
function timesOf(data: Named, times: string | undefined, elements: Tensor): Tensor {
  if (times !== undefined) return oneSet(settings.kind, pick(data, times)).values;
  const n = elements.shape[1];
  if (typeof n !== "number") {
    throw new InvalidArgumentError(
      `timeTransformer: times "${n}" are of any number, and regular only where that is known: give an array of times`,
    );
  }
  const regular = Array.from({ length: n }, (_, i) => ((i + 0.5) / n - 0.5) / SPREAD);
  return constant(regular, [1, n, 1]);
}

function pick(data: Named, name: string): Named {
  return Object.fromEntries(
    [name, presenceName(name)].flatMap((key) => {
      const array = data[key];
      return array === undefined ? [] : [[key, array] as const];
    }),
  );
}

/** Sines and cosines of times [b, n, 1], [b, n, 2 k + 1], the time itself beside them. */
function embedding(times: Tensor, frequencies: number): Tensor {
  const omega = Array.from({ length: frequencies }, (_, k) => FIRST * STEP ** k);
  const angles = mul(times, constant(omega, [frequencies]));
  return concat([times, sin(angles), cos(angles)], -1);
}
