/**
 * Draws, their summaries, draws of the prior and data, as ArviZ 1.x reads them: a Zarr group tree.
 *
 *     posterior          draws of each parameter [chain, draw, data_set, ...]: one chain
 *     posterior_summary  mean, sd and quantiles [statistic, data_set, ...]
 *     prior              draws of the prior [chain, draw, ...]
 *     observed_data      the data [data_set, ...]
 *
 * The axis `data_set` is there where there are several. Reference: the InferenceData schema, https://python.arviz.org/en/stable/schema/schema.html.
 */
import { fs, path as paths } from "#platform";
import { matchData, type DataInput } from "../data/match-data.js";
import type { Floats, ParameterSlot } from "../data/layout.js";
import { sizeOf } from "../data/shape.js";
import { writeBytes } from "../files/bytes.js";
import { FileError } from "../files/container.js";
import type { JointPrior } from "../distributions/index.js";
import { encodeZarr, type ZarrArray, type ZarrGroup } from "../files/zarr-tree.js";
import { meanOf, quantileOf, sdOf } from "../posterior/marginals.js";
import { stream } from "../random/index.js";
import { VERSION } from "../version.js";
import type { EstimatorBase } from "./base.js";
import { isCode } from "./trained-prior.js";

/** What goes out. */
export interface InferenceDataParts {
  /** What answered: its file has the names, units and descriptions, and the prior. */
  readonly fitted: Pick<EstimatorBase, "details" | "prior" | "dataSpecs">;
  /** A posterior, or a batch of them: flat draws [data sets, draws, p] of parameters in these places. */
  readonly posterior: {
    readonly draws: Floats;
    /** How many data sets; one by default. */
    readonly size?: number;
    /** By default those of the estimator. */
    readonly slots?: readonly ParameterSlot[];
  };
  /** The data that were answered. */
  readonly data?: DataInput;
  /** Draws of the prior; by default as many as there are of each posterior. Of a prior that is code, known with its model alone, there are none. */
  readonly priorDraws?: number;
  /** Seed of the draws of the prior, 0 by default. */
  readonly seed?: number;
}

const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
const STATISTICS = ["mean", "sd", ...LEVELS.map((level) => `q${level}`)];

/** Names that axes have, which no parameter or array can have too. */
const AXES = ["chain", "draw", "data_set", "statistic"];

/**
 * The groups of ArviZ's InferenceData.
 *
 * @throws FileError where a parameter or an array has the name of an axis. DataError where data do not fit.
 */
export async function inferenceData({
  fitted,
  posterior,
  data,
  priorDraws,
  seed = 0,
}: InferenceDataParts): Promise<ZarrGroup> {
  const { size = 1 } = posterior;
  const joint = await fitted.prior();
  const slots = posterior.slots ?? joint.slots;
  const p = slots.reduce((sum, slot) => sum + slot.size, 0);
  const draws = posterior.draws.length / (size * p);
  requireNames([...slots.map(({ name }) => name), ...Object.keys(fitted.dataSpecs)]);
  const sets: Axis[] = size === 1 ? [] : [["data_set", size]];
  const attributes = {
    inference_library: "amortis",
    inference_library_version: VERSION,
    creation_library: "amortis",
    creation_library_version: VERSION,
    created_at: new Date().toISOString(),
    modeling_interface: "amortis",
    model: fitted.details.model.name,
    method: fitted.details.method,
  };
  const parts = slots.map((slot) => [slot, wordsOf(fitted, slot)] as const);
  const byDraw: Axis[] = [
    ["chain", 1],
    ["draw", draws],
  ];
  const own = parts.map(([slot, words]) => {
    const values = rearranged(posterior.draws, { size, draws, p }, slot);
    return arrayOf(slot, [...byDraw, ...sets], values, words);
  });
  const summaries = parts.map(([slot, words]) =>
    arrayOf(
      slot,
      [["statistic", STATISTICS.length], ...sets],
      summariesOf(posterior.draws, { size, draws, p }, slot),
      words,
    ),
  );
  const prior = priorGroup(fitted, joint, slots, { draws: priorDraws ?? draws, seed });
  return {
    attributes,
    groups: {
      posterior: {
        attributes: { ...attributes, sample_dims: ["chain", "draw"] },
        arrays: withCoordinates([...byDraw, ...sets], own),
      },
      posterior_summary: {
        attributes,
        arrays: {
          statistic: {
            shape: [STATISTICS.length],
            dimensions: ["statistic"],
            data: STATISTICS,
          },
          ...withCoordinates(sets, summaries),
        },
      },
      ...(prior && {
        prior: { attributes: { ...attributes, sample_dims: ["chain", "draw"] }, arrays: prior },
      }),
      ...(data !== undefined && {
        observed_data: { attributes, arrays: observed(fitted, data, sets) },
      }),
    },
  };
}

/**
 * Writes a folder that ArviZ opens, whole or not at all: `az.from_zarr("answers.zarr")`, or `xarray.open_datatree("answers.zarr", engine="zarr")`.
 *
 * @param path of the folder, which must not be there.
 * @throws FileError where it is there, or cannot be written, or a name is that of an axis. DataError where data do not fit.
 * @example
 * const posterior = await fitted.given({ z });
 * await writeInferenceData("answers.zarr", { fitted, posterior, data: { z } });
 */
export async function writeInferenceData(path: string, parts: InferenceDataParts): Promise<void> {
  const files = encodeZarr(await inferenceData(parts));
  const temporary = `${path.replace(/[/\\]+$/u, "")}.${crypto.randomUUID()}.tmp`;
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await writeBytes(paths.join(temporary, name), bytes);
    }
    // A folder that is there and not empty is not replaced.
    await fs.rename(temporary, path);
  } catch (cause) {
    await fs.rm(temporary, { force: true, recursive: true }).catch(() => {});
    if (cause instanceof FileError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const isThere = ["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(code);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(
      isThere
        ? `cannot write ${path}: it is there already; remove it, or give another name`
        : `cannot write ${path}: ${reason}`,
      { cause },
    );
  }
}

/** The name of an axis, and its length. */
type Axis = readonly [name: string, size: number];
type Named = readonly [name: string, array: ZarrArray];

function requireNames(names: readonly string[]): void {
  const taken = names.find((name) => AXES.includes(name));
  if (taken === undefined) return;
  throw new FileError(
    `"${taken}" is the name of an axis in ArviZ's groups, so that no parameter or array can have it: give it another in the model, or write .npz`,
  );
}

interface Sizes {
  readonly size: number;
  readonly draws: number;
  readonly p: number;
}

/** Draws [data sets, draws, p] of one parameter as [1, draws, data sets, its size]. */
function rearranged(all: Floats, { size, draws, p }: Sizes, slot: ParameterSlot): Floats {
  const values = all.slice(0, draws * size * slot.size).fill(Number.NaN);
  let at = 0;
  for (let draw = 0; draw < draws; draw++) {
    for (let set = 0; set < size; set++) {
      const start = (set * draws + draw) * p + slot.offset;
      values.set(all.subarray(start, start + slot.size), at);
      at += slot.size;
    }
  }
  return values;
}

/** [statistics, data sets, its size] */
function summariesOf(all: Floats, { size, draws, p }: Sizes, slot: ParameterSlot): Float64Array {
  const values = new Float64Array(STATISTICS.length * size * slot.size);
  for (let set = 0; set < size; set++) {
    for (let k = 0; k < slot.size; k++) {
      const own = Float64Array.from(
        { length: draws },
        (_, draw) => all[(set * draws + draw) * p + slot.offset + k] ?? Number.NaN,
      );
      const sorted = own.toSorted();
      const numbers = [
        meanOf(own),
        sdOf(own),
        ...LEVELS.map((level) => (own.some(Number.isNaN) ? Number.NaN : quantileOf(sorted, level))),
      ];
      for (const [j, value] of numbers.entries()) {
        values[(j * size + set) * slot.size + k] = value;
      }
    }
  }
  return values;
}

/** What its file says of a parameter or an array, as CF conventions have it: units, and a name in words. */
function wordsOf(
  { details: { model } }: Pick<EstimatorBase, "details">,
  { name, labels }: Pick<ParameterSlot, "name" | "labels">,
): NonNullable<ZarrArray["attributes"]> {
  const own = model.parameters.find((parameter) => parameter.name === name) ?? model.data[name];
  const { unit, description } = { unit: undefined, description: undefined, ...own };
  return {
    ...(unit !== undefined && { units: unit }),
    ...(description !== undefined && { long_name: description }),
    ...(labels && { labels }),
  };
}

function arrayOf(
  { name, shape }: Pick<ParameterSlot, "name" | "shape">,
  leading: readonly Axis[],
  data: Floats,
  attributes: ZarrArray["attributes"],
): Named {
  const dimensions = [...leading.map(([axis]) => axis), ...shape.map((_, i) => `${name}_dim_${i}`)];
  const sizes = [...leading.map(([, size]) => size), ...shape];
  return [name, { shape: sizes, dimensions, data, ...(attributes && { attributes }) }];
}

/** Arrays, and a coordinate that counts along each axis. */
function withCoordinates(
  leading: readonly Axis[],
  arrays: readonly Named[],
): Readonly<Record<string, ZarrArray>> {
  const axes = new Map<string, number>(leading);
  for (const [, { dimensions, shape }] of arrays) {
    for (const [i, axis] of dimensions.entries()) {
      if (axis !== "statistic") axes.set(axis, shape[i] ?? 0);
    }
  }
  const coordinates = [...axes].map(([name, size]): Named => [
    name,
    {
      shape: [size],
      dimensions: [name],
      data: BigInt64Array.from({ length: size }, (_, i) => BigInt(i)),
    },
  ]);
  return Object.fromEntries([...coordinates, ...arrays]);
}

/** Draws of the prior's parameters, which derived quantities may follow; undefined where it is code, or of other parameters than those that answered. */
function priorGroup(
  fitted: InferenceDataParts["fitted"],
  joint: JointPrior,
  slots: readonly ParameterSlot[],
  { draws, seed }: Readonly<Record<"draws" | "seed", number>>,
): Readonly<Record<string, ZarrArray>> | undefined {
  const isKnown = fitted.details.model.parameters.every(({ prior }) => !isCode(prior));
  const same = (slot: ParameterSlot, i: number): boolean =>
    joint.slots[i]?.name === slot.name && joint.slots[i]?.size === slot.size;
  const own = slots.slice(0, joint.slots.length);
  if (!isKnown || draws === 0 || !own.every(same)) return undefined;
  const random = stream(seed).split("inference data");
  const all = Float64Array.from(
    Array.from({ length: draws }, () => [...joint.sample(random)]).flat(),
  );
  const byDraw: Axis[] = [
    ["chain", 1],
    ["draw", draws],
  ];
  const sizes = { size: 1, draws, p: joint.size };
  const arrays = own.map((slot) =>
    arrayOf(slot, byDraw, rearranged(all, sizes, slot), wordsOf(fitted, slot)),
  );
  return withCoordinates(byDraw, arrays);
}

function observed(
  fitted: InferenceDataParts["fitted"],
  data: DataInput,
  sets: readonly Axis[],
): Readonly<Record<string, ZarrArray>> {
  const matched = matchData(fitted.dataSpecs, data).data;
  // Data sets that are replicates are several, whose posterior is one.
  const leading: readonly Axis[] =
    matched.size === 1 && sets.length === 0
      ? []
      : [[sets.length === 0 ? "replicate" : "data_set", matched.size]];
  const arrays = Object.entries(matched.specs).map(([name, { shape }]) => {
    const column = matched.column(name).slice(0, matched.size * sizeOf(shape));
    return arrayOf({ name, shape }, leading, column, wordsOf(fitted, { name }));
  });
  return withCoordinates(leading, arrays);
}
