/**
 * Any-to-any: one network for all conditionals of the joint distribution of parameters and data.
 *
 * Parameters and data together are variables u = (θ, Z) of one vector, and each is a token of a transformer: a value, a place, and whether it is known. In training some
 * variables, chosen at random, are known; the others lie on a path from data to noise, x_φ = cos φ u + sin φ z, and the network learns the velocity along it,
 *
 *     γ* = argmin E_{p(θ, Z)} E_M E_{φ, z} Σ_{j unknown under M} ( F_γ,j(x_φ, u_M, φ) - (cos φ z_j - sin φ u_j) )²,
 *
 * whose minimum carries noise into p(u_unknown | u_M) for whatever M (Gloeckler et al. 2024, "All-in-one simulation-based inference", arXiv 2404.09636: Simformer, there with the score of
 * a diffusion; flow matching: Lipman et al. 2023, arXiv 2210.02747; the path by angles: Albergo, Boffi & Vanden-Eijnden 2023, arXiv 2303.08797). So the posterior p(θ | Z), the likelihood
 * p(Z | θ), predictive draws, the conditional of any parameter given others, and all of these with data missing are questions to one estimator. Some variables are left out
 * in training, so that what is missing need not be drawn for others to be known.
 *
 * θ in unconstrained space, and the data as networks see them, are standardised. Densities follow along the path: `estimators/joint-flow.ts`.
 */
import {
  cast,
  concat,
  cos,
  equal,
  input,
  InvalidArgumentError,
  mul,
  ones,
  pow,
  reshape,
  sin,
  square,
  sub,
  sum,
  gradient,
  where,
  type Named,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { describeRepeats, findRepeats, withAtoms } from "../data/repeats.js";
import { presenceName } from "../data/standardization.js";
import { sizeOf } from "../data/shape.js";
import { lossNoise, spreadUniform } from "../densities/loss-noise.js";
import { noisy, velocityOf } from "../densities/noise-levels.js";
import type { AnyModel } from "../model/index.js";
import { jointField } from "../densities/joint-field.js";
import { tokensSlot, transformer } from "../networks/transformer.js";
import { Settings } from "../settings/settings.js";
import { drawMasks, maskShares } from "./condition-masks.js";
import type { Method, Programs } from "./method.js";

const settings = new Settings(
  "method",
  "anyToAny",
  z.strictObject({
    /** The transformer over the variables. */
    network: tokensSlot.default(() => transformer({ width: 32, blocks: 3, heads: 4 })),
    /** What is known in training, by relative frequencies of several kinds of mask. By default all alike, as published. */
    masks: maskShares,
    /** Share of the examples in which some of the variables, three in ten, are neither known nor asked. */
    absent: z.number().min(0).max(1).default(0.25),
    /** How much more of the noise levels in training are low than high: φ = π/2 w^emphasis, w uniform. 1 for all alike. */
    emphasis: z.number().min(1).max(4).default(1.5),
  }),
  {
    alias: "any-to-any",
    about:
      "posteriors, likelihoods, conditionals of all variables, and missing data, by simulations",
  },
);

/** Networks and masks of an any-to-any estimator. */
export type AnyToAnyOptions = z.input<typeof settings.schema>;

/** Numbers that parameters and data may have together: the attention's cost goes with their square. */
const MOST = 256;

/**
 * An any-to-any estimator of a model's parameters and data.
 *
 * Each number is a token, so it is for data of tens of numbers; of larger ones give the model summaries as its data.
 *
 * @throws UnsupportedError where a prior has no unconstrained space (discrete parameters). InvalidArgumentError where parameters and data are too many numbers.
 * @example
 * const joint = await train(anyToAny(model), { simulations: 20_000 });
 * const posterior = await joint.given({ y });                       // p(θ | y), with NaN where a value is missing
 * const slope = await joint.conditional({ y, noise: 0.3 });         // p(all others | y, noise)
 * const predictive = await joint.conditional({ slope: 1, noise: 0.3 });
 * await joint.logLikelihood({ y }, theta);
 */
export function anyToAny<M extends AnyModel>(
  model: M,
  options: AnyToAnyOptions = {},
): Method<M, "joint"> {
  const { network, masks, absent, emphasis } = settings.resolve(options);
  const arrays = Object.keys(model.dataSpecs).toSorted();
  const k = model.prior.centred.bijection.unconstrainedSize;
  const n = Object.values(model.dataSpecs).reduce((total, { shape }) => total + sizeOf(shape), 0);
  const variables = k + n;
  if (variables > MOST) {
    throw new InvalidArgumentError(
      `anyToAny: parameters and data of the model "${model.name}" are ${variables} numbers, but each is a token of a transformer, which takes ${MOST} at most: give the model summaries as its data, or train npe`,
    );
  }
  const field = jointField(network);

  return {
    name: settings.kind,
    model,
    description: settings.describe({ network, masks, absent, emphasis }),
    answers: { kind: "joint", variables },
    cautions: (sets) => {
      const found = withAtoms(Object.values(findRepeats(sets)).flatMap(({ repeats }) => repeats));
      if (found.length === 0) return [];
      return [
        `anyToAny: ${describeRepeats(found)}, but likelihoods and draws of data are of continuous numbers: posteriors are not concerned, logLikelihood is no probability, and draws of such data lie between their values`,
      ];
    },
    usual: { batch: 128, learningRate: 3e-3, weightDecay: 0.01, averaging: 0.995, patience: 60 },
    losses: (training) => {
      const { scope, data } = training;
      const v = training.unconstrained();
      const batch = Number(v.shape[0]);
      const u = concat([v, flat(data, arrays)], -1);
      const there = presence(data, arrays, k, batch);
      const { known, here } = drawMasks(scope, { batch, k, n, masks, absent }, there);
      const angle = mul(pow(spreadUniform(scope, batch, 1), emphasis), Math.PI / 2);
      const flatAngle = reshape(angle, [batch, 1]);
      const level = { cos: cos(flatAngle), sin: sin(flatAngle) };
      const noise = lossNoise(scope, [batch, variables], "normal", "validation of any-to-any");
      const values = where(equal(known, 1), u, noisy(level, u, noise));
      const f = field(scope, { values, known, here, level });
      const asked = mul(here, sub(1, known));
      return sum(mul(asked, square(sub(f, velocityOf(level, u, noise)))), { axes: [-1] });
    },
    programs: ({ scope }): Programs => {
      const rows = (name: string): Tensor => input(name, ["batch", variables]);
      const [values, known, here] = [rows("values"), rows("known"), rows("here")];
      const angle = input("angle", [1]);
      const one = reshape(angle, [1, 1]);
      const level = { cos: cos(one), sin: sin(one) };
      const f = field(scope, { values, known, here, level });
      const asked = mul(here, sub(1, known));
      const velocity = mul(f, asked);
      const directions = rows("directions");
      const along = mul(directions, asked);
      const [back = along] = gradient(sum(mul(f, along)), [values]);
      const inputs = { values, known, here, angle };
      return {
        field: { inputs, outputs: { field: velocity } },
        trace: {
          inputs: { ...inputs, directions },
          outputs: { field: velocity, trace: sum(mul(back, along), { axes: [-1] }) },
        },
      };
    },
  };
}
anyToAny.settings = settings;

/** Arrays as vectors side by side, [batch, n]. */
function flat(data: Named, arrays: readonly string[]): Tensor {
  const parts = arrays.flatMap((name) => {
    const x = data[name];
    return x === undefined ? [] : [vectorOf(x)];
  });
  return concat(parts, -1);
}

function vectorOf(x: Tensor): Tensor {
  return reshape(x, [x.shape[0] ?? 1, sizeOf(x.shape.slice(1).map(Number))]);
}

/** 1 for each variable that a simulation has, 0 where its data lack a value, [batch, m]; undefined where no data may lack any. */
function presence(
  data: Named,
  arrays: readonly string[],
  k: number,
  batch: number,
): Tensor | undefined {
  if (!arrays.some((name) => data[presenceName(name)] !== undefined)) return undefined;
  const parts = arrays.flatMap((name) => {
    const x = data[name];
    const there = data[presenceName(name)] ?? (x && cast(equal(x, x), x.dtype));
    return there === undefined ? [] : [vectorOf(there)];
  });
  return concat([ones([batch, k]), ...parts], -1);
}
