/**
 * Where amortized variational inference has its likelihood from.
 */
import {
  add,
  constant,
  expandDims,
  InvalidArgumentError,
  sameShape,
  split,
  UnsupportedError,
  type Named,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { rooms } from "../settings/settings.js";
import { joinTransforms, keepData, type DataTransform } from "../networks/index.js";
import type { Json } from "../json.js";
import type { TrainingContext } from "./method.js";

/** log p(data | parameters) in graph operations: parameters [batch, draws, d or 1], data [batch, 1, ...shape], to [batch, draws]. */
export type LikelihoodFunction<M extends AnyModel = AnyModel> = (
  theta: Readonly<Record<keyof M["parameters"], Tensor>>,
  data: Readonly<Record<keyof M["data"], Tensor>>,
) => Tensor;

/** A likelihood of a summary of the data, which learns no more. */
export interface GraphLikelihood {
  readonly description: Json;
  /** From data as simulated to the arrays it is of; absent where it is of the data themselves. */
  readonly transform?: DataTransform;
  /** Whether it takes theta less what the prior sits on, `model.prior.offset`: a trained one does. */
  readonly lessOffset?: boolean;
  /** Arrays [batch, ...] in their own units and theta [batch, draws, p] to [batch, draws]. */
  logLikelihood(data: Named, theta: Tensor): Tensor;
}

/** What can be given as a likelihood. */
export type VariationalLikelihood<M extends AnyModel = AnyModel> =
  | "graph"
  | "host"
  | LikelihoodFunction<M>
  | GraphLikelihood
  | { readonly graph: () => GraphLikelihood };

/** The setting: what likelihood there is, the model decides. */
export const likelihoodSlot = z.unknown().register(rooms, { room: "likelihood" });

/** A likelihood ready to be trained with. */
export interface LikelihoodSource {
  readonly description: Json;
  /** The method's transform: the user's, beside the likelihood's. */
  readonly transform?: DataTransform;
  /** Whether it is given parameters with their offset in the graph. */
  readonly wholeParameters?: boolean;
  /** Of all transformed arrays those that the networks see. */
  seen(data: Named): Named;
  /** theta [batch, draws, p], less the prior's offset, to [batch, draws]. */
  logLikelihood(context: TrainingContext, theta: Tensor): Tensor;
}

/** Before the names of arrays that only the likelihood sees. */
const PREFIX = "likelihood/";

/**
 * The likelihood that was asked for.
 *
 * @throws UnsupportedError where the model does not have it.
 */
export function likelihoodSource<M extends AnyModel>(
  model: M,
  transform: DataTransform | undefined,
  given: VariationalLikelihood<M> | undefined,
): LikelihoodSource {
  const likelihood = given ?? defaultLikelihood(model);
  if (typeof likelihood === "object") {
    const known = "graph" in likelihood ? likelihood.graph() : likelihood;
    const whole = known.lessOffset !== true;
    return {
      ...ofSummary(transform, whole ? onOffset(model, known) : known),
      wholeParameters: whole,
    };
  }
  const own = { ...(transform && { transform }), seen: (data: Named) => data };
  if (likelihood === "host") {
    const logLikelihoodGradient = model.logLikelihoodGradient?.bind(model);
    if (logLikelihoodGradient === undefined) throw lacking(model, "logLikelihoodGradient");
    return {
      ...own,
      description: "host",
      logLikelihood: ({ host }, theta) =>
        host({
          theta,
          evaluate: (values, data) =>
            logLikelihoodGradient(model.unpack(withOffset(model, values)), data),
        }),
    };
  }
  const evaluate = likelihood === "graph" ? model.graphLogLikelihood?.bind(model) : likelihood;
  if (evaluate === undefined) throw lacking(model, "graphLogLikelihood");
  return {
    ...own,
    description: likelihood === "graph" ? "graph" : "custom",
    wholeParameters: true,
    logLikelihood: ({ raw }, theta) => {
      const data = Object.fromEntries(Object.entries(raw).map(([k, x]) => [k, expandDims(x, 1)]));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one tensor for each parameter and array of the model
      const value = evaluate(
        byName(model, withOffsetInGraph(model, theta)) as never,
        data as never,
      );
      const expected = theta.shape.slice(0, 2);
      if (sameShape(value.shape, expected)) return value;
      throw new InvalidArgumentError(
        `the log-likelihood of the model "${model.name}" should be [${expected.join(", ")}] for parameters [${expected.join(", ")}, ...], but its operations give [${value.shape.join(", ")}]; draws are along axis 1, where data have a single row: let leading axes broadcast`,
      );
    },
  };
}

/** θ itself, from what is left of it: in double precision. */
function withOffset({ prior: { offset } }: AnyModel, values: Float64Array): Float64Array {
  return offset === undefined ? values : values.map((value, i) => value + (offset[i] ?? 0));
}

/** The same in a graph, in single precision: what a likelihood in operations can be given. */
function withOffsetInGraph({ prior: { offset } }: AnyModel, theta: Tensor): Tensor {
  return offset === undefined ? theta : add(theta, constant([...offset]));
}

/** A likelihood of θ as one of θ less its offset. */
function onOffset(model: AnyModel, likelihood: GraphLikelihood): GraphLikelihood {
  return {
    ...likelihood,
    logLikelihood: (data, theta) => likelihood.logLikelihood(data, withOffsetInGraph(model, theta)),
  };
}

function defaultLikelihood(model: AnyModel): "graph" | "host" {
  if (model.graphLogLikelihood === undefined && model.logLikelihoodGradient !== undefined) {
    return "host";
  }
  return "graph";
}

function lacking(model: AnyModel, what: string): UnsupportedError {
  return new UnsupportedError(
    `variational inference needs a likelihood that can be differentiated, but the model "${model.name}" has no ${what}: give the model one, or train a syntheticLikelihood and give that as \`likelihood\``,
  );
}

/** Flat parameters [..., p] by name, each [..., its size]. */
export function byName(model: AnyModel, theta: Tensor): Named {
  const { slots } = model.prior;
  const parts = split(
    theta,
    slots.map(({ size }) => size),
    -1,
  );
  return Object.fromEntries(slots.map(({ name }, i) => [name, parts[i] ?? theta]));
}

function ofSummary(
  transform: DataTransform | undefined,
  likelihood: GraphLikelihood,
): LikelihoodSource {
  const { description, transform: own } = likelihood;
  if (own === undefined) {
    return {
      description,
      ...(transform && { transform }),
      seen: (data) => data,
      logLikelihood: ({ raw }, theta) => likelihood.logLikelihood(raw, theta),
    };
  }
  return {
    description,
    // Computed once for each simulation, under names of its own.
    transform: joinTransforms(transform ?? keepData(), {
      kind: "likelihood",
      apply: (raw) => renamed(own.apply(raw), (name) => PREFIX + name),
      describe: () => ({ kind: "likelihood", transform: own.describe() }),
    }),
    seen: (data) =>
      Object.fromEntries(Object.entries(data).filter(([name]) => !name.startsWith(PREFIX))),
    logLikelihood: ({ transformed }, theta) =>
      likelihood.logLikelihood(
        renamed(
          Object.fromEntries(Object.entries(transformed).filter(([k]) => k.startsWith(PREFIX))),
          (name) => name.slice(PREFIX.length),
        ),
        theta,
      ),
  };
}

function renamed(arrays: Named, rename: (name: string) => string): Named {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [rename(name), array]));
}
