/**
 * A learned likelihood or ratio as plain ONNX of one trial, for other people's samplers.
 *
 * Samplers such as those of PyMC and NumPyro take a log-likelihood as a function of one vector of known length, parameters first and the numbers of a trial after them, that
 * gives one number:
 *
 *     trial = (θ_1 … θ_p, z_1 … z_d) ↦ log q(z | θ).
 *
 * The programs of the estimator's file are written as that one function: offsets and standardisation, splines, and the mixture of an ensemble included. Where the elements of a
 * data set are independent given the parameters (`nle` with `replicates`), a trial is one element; else it is the data set.
 */
import {
  add,
  bindInputs,
  chainModels,
  concat,
  constant,
  describeModel,
  encodeProgram,
  input,
  maximum,
  minimum,
  mul,
  reshape,
  slice,
  UnsupportedError,
  type Named,
  type Tensor,
} from "@amortis/graph";
import { isFree, type ArraySpec, type ArraySpecs } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import { spread } from "../data/standardization.js";
import { lessOffset } from "../data/standardization-graph.js";
import type { JointPrior } from "../distributions/index.js";
import type { EstimatorBase } from "./base.js";
import { weightsByName, type Contents } from "./contents.js";
import { trainedRegion } from "./trained-region.js";
import { exampleNumPyro, examplePyMC, trialReadme } from "./single-trial-texts.js";

/** An array of a trial. */
export interface TrialArray {
  readonly name: string;
  /** Sizes of what is one trial of it; [] is a number. */
  readonly shape: readonly number[];
}

/** What is exported, in words. */
export interface ExportedTrial {
  readonly method: string;
  readonly model: Contents["details"]["model"];
  /** What comes out, and the file that gives it. */
  readonly term: "logLikelihood" | "logRatio";
  readonly upToConstant: boolean;
  /** Whether there is `gradient.onnx`. */
  readonly hasGradient: boolean;
  readonly parameterNames: readonly string[];
  readonly arrays: readonly TrialArray[];
  /** Whether a trial is one of several elements of a data set. */
  readonly ofReplicates: boolean;
  /** Shares of the members of an ensemble; none of one network. */
  readonly shares: readonly number[];
  readonly opset: number;
  /** Whether numbers were taken off in double precision, which is done in single precision here. */
  readonly offsets: boolean;
}

/** The largest finite number of single precision. */
const LARGEST = 3.4028234e38;

/**
 * A likelihood or ratio of one trial as plain ONNX, with a README and examples for PyMC and NumPyro beside.
 *
 * `logLikelihood.onnx` (or `logRatio.onnx`) takes `trial` [p + d], float32, and gives a number; `gradient.onnx` gives that and its gradient in the parameters, [p].
 * All shapes are known and all operators standard.
 *
 * @throws UnsupportedError of estimators that are neither, of ratios of data sets of any size, and of ensembles for a fixed number of replicates.
 * @returns the bytes of each file, by its name.
 * @example
 * const files = await exportSingleTrial(await load("decisions.amortis"));   // README.md, logLikelihood.onnx, gradient.onnx, pymc_example.py, ...
 */
export async function exportSingleTrial(
  estimator: Pick<EstimatorBase, "contents" | "dataSpecs" | "parameterNames" | "prior">,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const { contents, dataSpecs, parameterNames } = estimator;
  const { answers, description, training, model, method, standardization } = contents.details;
  if (answers.kind !== "likelihood" && answers.kind !== "ratio") {
    throw new UnsupportedError(
      `a single trial is exported of likelihoods and ratios, as nle and nre learn, but this estimator of ${method} answers with "${answers.kind}": train nle or nre, or export without --single-trial`,
    );
  }
  const term = answers.kind === "likelihood" ? "logLikelihood" : "logRatio";
  const ofReplicates = Object(description)["replicates"] === true;
  const members = (training.members ?? []).filter(({ weight }) => weight > 0);
  const layout = layoutOf(dataSpecs, ofReplicates, members.length > 1);
  const p = parameterNames.length;
  const first = encodeProgram(trialProgram(estimator, await estimator.prior(), layout));
  const context = contents.programs["context"] ?? new Uint8Array();
  const weights = weightsByName(contents);
  const write = (program: string, outputs: Readonly<Record<string, readonly number[]>>) => {
    const own = contents.programs[program];
    if (own === undefined) return undefined;
    const chained = chainModels(
      [first, context, own, encodeProgram(lastProgram(outputs, p, layout.repeats))],
      {
        sizes: layout.sizes,
        outputs: Object.fromEntries(Object.keys(outputs).map((name) => [name, ofTrial(name)])),
      },
    );
    return bindInputs(chained, weights, { others: "ignore" });
  };
  const value = write(term, { [term]: [] });
  if (value === undefined) throw new TypeError(`a file of this kind has a program ${term}`);
  const gradient = write("slope", { [term]: [], gradient: [p] });
  const exported: ExportedTrial = {
    method,
    model,
    term,
    upToConstant: answers.kind === "ratio" && answers.upToConstant === true,
    hasGradient: gradient !== undefined,
    parameterNames,
    arrays: layout.arrays.map(({ name, trial }) => ({ name, shape: trial })),
    ofReplicates,
    shares: members.length > 1 ? members.map(({ weight }) => weight) : [],
    opset: describeModel(value).opset,
    offsets:
      standardization.parameters.offset !== undefined ||
      Object.values(standardization.data).some(({ offset }) => offset !== undefined),
  };
  const encoder = new TextEncoder();
  return {
    [`${term}.onnx`]: value,
    ...(gradient && { "gradient.onnx": gradient }),
    "README.md": encoder.encode(trialReadme(exported)),
    "pymc_example.py": encoder.encode(examplePyMC(exported)),
    "numpyro_example.py": encoder.encode(exampleNumPyro(exported)),
  };
}

/** An array as programs take it, and what of it is a trial. */
interface LaidOut {
  readonly name: string;
  readonly spec: ArraySpec;
  readonly trial: readonly number[];
  /** Elements that a program takes, of which a trial is one. */
  readonly elements: number;
}

interface Layout {
  readonly arrays: readonly LaidOut[];
  /** How often a trial is counted in what programs give. */
  readonly repeats: number;
  /** Sizes of the programs' call. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** @throws UnsupportedError where programs cannot be asked for one trial. */
function layoutOf(specs: ArraySpecs, ofReplicates: boolean, isEnsemble: boolean): Layout {
  // In the order in which methods lay data side by side.
  const entries = Object.entries(specs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const free = entries.find(([, spec]) => isFree(spec));
  if (free !== undefined && !ofReplicates) {
    throw new UnsupportedError(
      `a data set of this estimator has any number of elements of "${free[0]}", and how they go together is learned, so that there is no function of one: train nle with replicates: true, or on data of one trial`,
    );
  }
  const fixed = ofReplicates ? entries.find(([, spec]) => !spec.varies) : undefined;
  const repeats = fixed?.[1].shape[0] ?? 1;
  if (repeats > 1 && isEnsemble) {
    throw new UnsupportedError(
      `this ensemble was trained on data sets of ${repeats} trials, whose mixture is of all of them together: train it with as many as there are, as in data: { ${fixed?.[0] ?? "y"}: ["m"] }, or with members: 1`,
    );
  }
  return {
    arrays: entries.map(([name, spec]) => ({
      name,
      spec,
      trial: ofReplicates ? spec.shape.slice(1) : spec.shape,
      elements: ofReplicates && !isFree(spec) ? (spec.shape[0] ?? 1) : 1,
    })),
    repeats,
    sizes: Object.fromEntries([
      ...entries.flatMap(([, { size }]) => (size === undefined ? [] : [[size, 1] as const])),
      ["batch", 1],
      ["draws", 1],
    ]),
  };
}

/** From a trial to data and parameters as the programs of the file take them. */
function trialProgram(
  { contents, parameterNames }: Pick<EstimatorBase, "contents" | "parameterNames">,
  prior: JointPrior,
  { arrays }: Layout,
): { readonly inputs: Named; readonly outputs: Named } {
  const { standardization, training, answers } = contents.details;
  const p = parameterNames.length;
  const lengths = arrays.map(({ trial }) => sizeOf(trial));
  const trial = input("trial", [p + lengths.reduce((a, b) => a + b, 0)]);
  const { offset } = standardization.parameters;
  const own = slice(trial, 0, 0, p);
  const left = offset === undefined ? own : lessOffset(own, offset);
  const isLikelihood = answers.kind === "likelihood";
  const { lower, upper } = trainedRegion(prior.centred, training.simulations, isLikelihood);
  const held = within(left, lower, upper);
  let at = p;
  const data = arrays.map(({ name, spec, elements }, i) => {
    const part = slice(trial, 0, at, (at += lengths[i] ?? 0));
    const moments = standardization.data[name] ?? {};
    return [name, asArray(part, spec, elements, moments)] as const;
  });
  return {
    inputs: { trial },
    outputs: { ...Object.fromEntries(data), theta: reshape(held, [1, 1, p]) },
  };
}

/** Parameters where networks are asked: those in a strip along a bound at its inner edge. */
function within(theta: Tensor, lower: readonly number[], upper: readonly number[]): Tensor {
  const finite = (value: number): number => Math.min(LARGEST, Math.max(-LARGEST, value));
  const above = lower.some(Number.isFinite) ? maximum(theta, constant(lower.map(finite))) : theta;
  return upper.some(Number.isFinite) ? minimum(above, constant(upper.map(finite))) : above;
}

/** One trial as an array of a data set: alone, before as many as are missing, or as often as there are trials. */
function asArray(
  part: Tensor,
  spec: ArraySpec,
  elements: number,
  { offset, shape }: { readonly offset?: readonly number[]; readonly shape?: readonly number[] },
): Tensor {
  const size = Number(part.shape[0]);
  const others = Array.from({ length: elements - 1 }, () =>
    spec.varies ? constant(new Float64Array(size).fill(Number.NaN)) : part,
  );
  const all = concat([part, ...others], 0);
  const free = isFree(spec) ? [1, ...spec.shape.slice(1)] : spec.shape;
  const less =
    offset === undefined
      ? all
      : lessOffset(all, [...spread(offset, spec.shape, shape).subarray(0, size * elements)]);
  return reshape(less, [1, ...free]);
}

/** What the last program calls a number of one trial. */
const ofTrial = (name: string): string => `${name}OfTrial`;

/** From what programs give of one data set and one draw, to numbers of a trial. */
function lastProgram(
  outputs: Readonly<Record<string, readonly number[]>>,
  p: number,
  repeats: number,
): { readonly inputs: Named; readonly outputs: Named } {
  const given = Object.entries(outputs).map(
    ([name, shape]) => [name, input(name, shape.length === 0 ? [1, 1] : [1, 1, p])] as const,
  );
  return {
    inputs: Object.fromEntries(given),
    outputs: Object.fromEntries(
      given.map(([name, value]) => {
        const own = reshape(value, outputs[name] ?? []);
        return [ofTrial(name), repeats === 1 ? add(own, 0) : mul(own, 1 / repeats)];
      }),
    ),
  };
}
