/**
 * The self-consistency loss: what data sets without known parameters say of a posterior.
 *
 * By Bayes' rule p(Z) = p(θ) p(Z | θ) / p(θ | Z), whatever θ. Of an estimated posterior the right-hand side varies with θ, and how much it does is a loss that needs data alone,
 *
 *     C(Z) = Var_{θ ~ q̄(θ | Z)} [ log p(θ) + log p(Z | θ) - log q_γ(θ | Z) ],
 *
 * which is zero where q is the posterior, and there alone, as far as q has mass. It holds for data that the simulator never makes: real ones that it describes less well than it should. Beside the
 * loss of the simulations it makes q the posterior under the model of those data too, where networks would otherwise answer data unlike any that they learned from.
 *
 * Draws are those of the density as it is, held constant (q̄): then the gradient of C(Z)/2 is that of KL(q ‖ p), without slopes of the likelihood (Richter, Boustati, Nüsken, Ruiz & Akyildiz
 * 2020, arXiv 2010.10436). In early steps the variance is of the order of squared log-likelihoods, thousands of times the other loss; 2 (√(1 + C) - 1) is C where that is small, grows as the
 * standard deviation where it is large, and has its zero where C has.
 *
 * References: Schmitt, Ivanova, Habermann, Köthe, Bürkner & Radev (2024), "Leveraging self-consistency for data-efficient amortized Bayesian inference", arXiv 2310.04395; Mishra, Habermann,
 * Schmitt, Radev & Bürkner (2025), "Robust amortized Bayesian inference with self-consistency losses on unlabeled data", arXiv 2501.13483.
 */
import {
  add,
  cast,
  clip,
  concat,
  constant,
  expandDims,
  floor,
  gather,
  hostConstant,
  InvalidArgumentError,
  mean,
  minimum,
  mul,
  reshape,
  sameShape,
  Scope,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Named,
  type Tensor,
  type Variables,
} from "@amortis/graph";
import { presentRow } from "../data/elements.js";
import {
  unconstrainedMoments,
  withoutOffsets,
  type Standardization,
} from "../data/standardization.js";
import { restore, standardizeAll, withOffsets } from "../data/standardization-graph.js";
import type { ArraySpecs } from "../data/array-spec.js";
import { byName, type GraphLikelihood } from "../methods/likelihood-source.js";
import type { Method, TrainingContext } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import type { Unlabelled } from "./unlabelled.js";

/** Standard deviations of the prior, in unconstrained space, beyond which no likelihood is evaluated. */
const REACH = 10;

/** What a likelihood of zero counts as: far below any that matters, and finite. */
const LEAST = -1e6;

/** Where the loss is written. */
export interface Place {
  /** Which variables there are, and which noise a step takes. */
  readonly variables: Variables;
  readonly scope: Scope;
  /** Of a minibatch of simulations: what it gives of the host is used, its data are not. */
  readonly training: TrainingContext;
  /** What networks see, after the method's transform. */
  readonly specs: ArraySpecs;
  readonly standardization: Standardization;
}

/** The mean loss of some of the data sets, a number; others at each step, where there are more than a step takes. */
export function selfConsistency(
  { model, transform, density }: Pick<Method, "model" | "transform" | "density">,
  unlabelled: Unlabelled,
  { variables, scope, training, specs, standardization }: Place,
): Tensor {
  if (density === undefined) throw new TypeError("there is no density to be consistent");
  const { batch, draws } = unlabelled;
  const { given, rows } = some(unlabelled, standardization, scope);
  const raw = transform ? given : withOffsets(given, standardization);
  const transformed = transform?.apply(raw) ?? given;
  const learned = density({
    ...training,
    // Networks as they will answer: without dropout, and with statistics of batches of the simulations.
    scope: Scope.root(variables, "inference"),
    raw,
    transformed,
    data: standardizeAll(transformed, standardization, specs),
  });
  const { normal, uniform } = learned.noise;
  const v = stopGradient(
    learned.sample({
      ...(normal > 0 && { normal: scope.noise([batch, draws, normal], "normal") }),
      ...(uniform > 0 && { uniform: scope.noise([batch, draws, uniform], "uniform") }),
    }),
  );
  const prior = model.prior.centred;
  const held = clip(v, -REACH, REACH);
  const u = restore(held, unconstrainedMoments(standardization));
  const theta = prior.bijection.graph.forward(u);
  const logPrior = add(prior.graph.logDensity(theta), prior.bijection.graph.logJacobian(u));
  const logLikelihood = likelihoodOf(model, unlabelled, raw, rows, training)(theta);
  const evidence = sub(add(logPrior, logLikelihood), learned.logDensity(held));
  const middle = mean(evidence, { axes: [1], keepDims: true });
  const variance = mul(sum(square(sub(evidence, middle)), { axes: [1] }), 1 / (draws - 1));
  return mul(mean(sub(sqrt(add(variance, 1)), 1)), 2);
}

/** Some of the data sets as networks are fed them, [batch, ...], and which, [batch, 1, 1]. */
function some(
  { sets, batch }: Unlabelled,
  standardization: Standardization,
  scope: Scope,
): { readonly given: Named; readonly rows: Tensor } {
  const fed = withoutOffsets(sets, standardization).feeds();
  const all = Object.entries(fed).map(([name, array]) => [name, hostConstant(array)] as const);
  if (batch === sets.size) {
    const numbers = Float32Array.from({ length: batch }, (_, row) => row);
    return { given: Object.fromEntries(all), rows: constant(numbers, [batch, 1, 1]) };
  }
  const places = floor(mul(scope.noise([batch], "uniform"), sets.size));
  const which = minimum(places, sets.size - 1);
  const at = cast(which, "int64");
  return {
    given: Object.fromEntries(all.map(([name, array]) => [name, gather(array, at, 0)])),
    rows: reshape(which, [batch, 1, 1]),
  };
}

/** log p(Z | θ) of the data sets, of θ [batch, draws, p] less what the prior sits on; no gradient goes through it. */
function likelihoodOf(
  model: AnyModel,
  { likelihood, sets }: Unlabelled,
  raw: Named,
  rows: Tensor,
  training: TrainingContext,
): (theta: Tensor) => Tensor {
  const { offset } = model.prior;
  const whole = (theta: Tensor): Tensor =>
    offset === undefined ? theta : add(theta, constant([...offset]));
  if (likelihood === "host") {
    const each = Array.from({ length: sets.size }, (_, row) => presentRow(sets, row));
    const p = model.parameterSize;
    return onHost(
      p,
      (values, row) => {
        const theta = values.map((value, i) => value + (offset?.[i] ?? 0));
        const set = each[row];
        const value = set && model.logLikelihood?.(model.unpack(theta), set);
        return Math.max(LEAST, value ?? Number.NaN);
      },
      rows,
      training,
    );
  }
  if (typeof likelihood === "object") return ofSummary(likelihood, raw, whole);
  const evaluate = likelihood === "graph" ? model.graphLogLikelihood?.bind(model) : likelihood;
  return (theta) => {
    const data = Object.fromEntries(Object.entries(raw).map(([k, x]) => [k, expandDims(x, 1)]));
    const value = evaluate?.(byName(model, whole(theta)), data);
    const expected = theta.shape.slice(0, 2);
    if (value !== undefined && sameShape(value.shape, expected)) {
      return stopGradient(clip(value, LEAST, -LEAST));
    }
    throw new InvalidArgumentError(
      `the log-likelihood of the model "${model.name}" should be [${expected.join(", ")}] for parameters [${expected.join(", ")}, ...], but its operations give [${value?.shape.join(", ") ?? ""}]; draws are along axis 1, where data have a single row: let leading axes broadcast`,
    );
  };
}

function ofSummary(
  likelihood: GraphLikelihood,
  raw: Named,
  whole: (theta: Tensor) => Tensor,
): (theta: Tensor) => Tensor {
  const seen = likelihood.transform?.apply(raw) ?? raw;
  const less = likelihood.lessOffset === true;
  return (theta) => stopGradient(likelihood.logLikelihood(seen, less ? theta : whole(theta)));
}

/**
 * A function of draws and of the number of their data set, evaluated on the host.
 *
 * What the host is asked has a row for each example of the minibatch: the draws of all data sets are dealt out among these, and what is over counts for nothing.
 */
function onHost(
  p: number,
  evaluate: (theta: Float64Array, row: number) => number,
  rows: Tensor,
  { host, parameters: { shape } }: TrainingContext,
): (theta: Tensor) => Tensor {
  const examples = Number(shape[0]);
  return (theta) => {
    const [sets = 0, draws = 0] = theta.shape.map(Number);
    const asked = sets * draws;
    const each = Math.ceil(asked / examples);
    const over = each * examples - asked;
    const numbers = add(mul(sum(theta, { axes: [-1], keepDims: true }), 0), rows);
    const flat = reshape(concat([theta, numbers], -1), [asked, p + 1]);
    const filled =
      over === 0
        ? flat
        : concat([flat, constant(new Float32Array(over * (p + 1)).fill(-1), [over, p + 1])], 0);
    const values = host({
      theta: reshape(filled, [examples, each, p + 1]),
      evaluate: (values) => ({
        value: (values[p] ?? -1) < 0 ? 0 : evaluate(values.subarray(0, p), values[p] ?? -1),
        gradient: new Float64Array(p + 1),
      }),
    });
    const all = reshape(stopGradient(values), [each * examples]);
    return reshape(slice(all, 0, 0, asked), [sets, draws]);
  };
}
