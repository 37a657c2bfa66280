/**
 * Networks of series: convolutions along time, then a gated recurrent unit.
 *
 * The unit goes from the first time to the last (`gated-unit.ts`); convolutions of stride two before it see what is near in time and leave few steps, as in the
 * summary networks of BayesFlow (Radev et al. 2020, arXiv 2003.06281). Where a series is shorter than others the state stays as it was at its end. Numbers that say
 * when each value was taken may stand beside the values, as a channel.
 */
import {
  add,
  conv1d,
  glorotUniform,
  heNormal,
  InvalidArgumentError,
  maxPool1d,
  mul,
  pad,
  reshape,
  split,
  sub,
  zerosInit,
  type Named,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { share, whole, widths } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { oneSet, type Elements } from "./elements.js";
import { gatedStep, gateInputs } from "./gated-unit.js";
import { dense } from "./mlp.js";
import type { SummaryNetwork } from "./network.js";
import { dropout } from "./normalization.js";

const settings = new Settings(
  "summary",
  "recurrent",
  z.strictObject({
    /** Filters of each convolution, after which every second time is left; none for the recurrent unit alone. */
    filters: widths.default([32, 64]),
    /** Times that a convolution sees. */
    kernel: whole.default(5),
    activation: activation.default("silu"),
    /** Size of the recurrent unit's state. */
    units: whole.default(64),
    /** Share of the state's entries set to zero at each training step. */
    dropout: share.default(0),
    /** Length of the summary. */
    outputs: whole.default(32),
  }),
);

/** Settings of a recurrent network. */
export type RecurrentOptions = z.input<typeof settings.schema>;

/** Steps in a graph that are worth it: each is twenty operations. */
const MOST_STEPS = 512;

/**
 * A network of series [length], or [length, channels]; several of one length are channels of one.
 *
 * @param options defaults: two convolutions of 32 and 64 filters over five times, 64 units, a summary of 32 numbers.
 * @throws InvalidArgumentError where a setting is out of range; when applied, where series have no length in common, or are more than 512 times long after
 *   the convolutions.
 * @example npe(epidemic, { summary: recurrent({ filters: [16, 32], units: 32 }) })
 */
export function recurrent(options: RecurrentOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { filters, kernel, units, outputs } = resolved;

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      let series = inTime(data);
      for (const [i, width] of filters.entries()) {
        series = convolved(scope.child(`convolution${i}`), series, width);
      }
      const state = lastState(scope.child("recurrent"), series);
      const kept = dropout(scope, state, resolved.dropout);
      return dense(scope.child("output"), kept, outputs, glorotUniform());
    },
    describe: () => settings.describe(resolved),
  };

  function convolved(scope: Scope, { values, there }: Series, width: number): Series {
    const [, length = 1, channels = 1] = values.shape.map(Number);
    const weights = scope.variable("kernel", [kernel, channels, width], heNormal());
    const bias = scope.variable("bias", [width], zerosInit);
    const halved = Math.ceil(length / 2);
    const stride = length > 1 ? 2 : 1;
    const even = stride === 2 && length % 2 === 1;
    const x = conv1d(even ? padded(values) : values, weights, { padding: "same", stride });
    return {
      values: activate(resolved.activation, add(x, bias)),
      ...(there && {
        there: stride === 1 ? there : maxPool1d(even ? padded(there) : there, { window: 2 }),
      }),
      length: halved,
    };
  }

  function lastState(scope: Scope, { values, there, length }: Series): Tensor {
    if (length > MOST_STEPS) {
      throw new InvalidArgumentError(
        `recurrent: a series of ${length} times after the convolutions is too long; give more filters, each of which halves it`,
      );
    }
    const inputs = gateInputs(scope, values, units);
    const steps = inSteps(inputs, length);
    const present = there && inSteps(there, length);
    let h: Tensor | undefined;
    for (const [t, step] of steps.entries()) {
      const next = gatedStep(scope, step, h, units);
      const now = present?.[t];
      if (now === undefined) h = next;
      // Where nothing is there any more the state stays.
      else h = h === undefined ? mul(next, now) : add(mul(next, now), mul(h, sub(1, now)));
    }
    return h ?? inputs;
  }
}
recurrent.settings = settings;

/** A series [batch, length, channels], and which times are there, [batch, length, 1]; left out, all are. */
interface Series extends Pick<Elements, "there"> {
  readonly values: Tensor;
  readonly length: number;
}

function inTime(data: Named): Series {
  const { elements, there } = oneSet("recurrent", data);
  const length = elements.shape[1];
  if (typeof length !== "number") {
    throw new InvalidArgumentError(
      `recurrent: a series needs a length that is known, but "${length}" is free: make it a series({ upTo: ... }), or use timeTransformer()`,
    );
  }
  return { values: elements, length, ...(there && { there }) };
}

/** One more time at the end, where nothing is. */
function padded(x: Tensor): Tensor {
  return pad(x, [
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
}

/** [batch, length, k] as [batch, k] at each time. */
function inSteps(x: Tensor, length: number): readonly Tensor[] {
  const [batch = 1, , k = 1] = x.shape;
  const ones = Array.from({ length }, () => 1);
  return split(x, ones, 1).map((step) => reshape(step, [batch, k]));
}
