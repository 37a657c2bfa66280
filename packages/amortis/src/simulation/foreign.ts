/**
 * Simulations that something else made: parameters and data from NumPy, R, Julia or a spreadsheet, as the arrays that a model has.
 */
import type { ArrayData, Note } from "../data/array-data.js";
import type { DataSpec } from "../data/array-spec.js";
import { takeRows, type DataSets } from "../data/data-sets.js";
import { resized, sizesOf } from "../data/elements.js";
import { parameterSlots, unbatched } from "../data/layout.js";
import { splitByCounts } from "../data/match-elements.js";
import { matchColumns } from "../data/match-data.js";
import { compact } from "../data/precision.js";
import { position } from "../data/shape.js";
import { DataError, findNonFinite } from "../data/simulator-output.js";
import type { AnyModel } from "../model/index.js";
import type { InvalidSimulation, SimulatedData } from "./simulated-data.js";

/** Arrays by name. */
export type Arrays = Readonly<Record<string, ArrayData>>;

/** What people call all parameters together. */
const THETA: readonly string[] = ["theta", "thetas", "θ", "parameters", "params"];

/** What people call data. */
const DATA: readonly string[] = ["x", "xs", "data", "z", "y", "simulations", "sims"];

/** Arrays of a model, before it is known along which axis their simulations lie. */
interface Found {
  /** θ: one array of all under the name of none, or one for each parameter. */
  readonly parameters: Arrays;
  readonly data: Arrays;
}

/** The name under which θ is held while it is one array. */
const ALL = "";

/**
 * Simulations of a model from arrays by name.
 *
 * Parameters are one array `theta` (or `parameters`) of all of them in the model's order, [n, p], or one for each by its name, [n] or [n, d]. Data are
 * arrays by the model's names, [n, ...shape] or flat [n, m]; where the model has one array, it may be the only one that is left. Simulations lie along the
 * first axis, or, as in Julia, along the last. Simulations whose data are not finite are left out.
 *
 * @param onNote is told what was taken for what, where names did not say.
 * @throws DataError where an array is missing, of another size, or could be two things; where a parameter is not finite.
 */
export function simulationsFrom(model: AnyModel, arrays: Arrays, onNote: Note): SimulatedData {
  const { parameters, data } = alongFirst(model, byName(model, arrays, onNote), onNote);
  const theta = flatParameters(model, parameters);
  return withoutInvalid(model, theta, data);
}

function byName(model: AnyModel, given: Arrays, onNote: Note): Found {
  const arrays = splitByCounts(model.dataSpecs, given);
  const names = Object.keys(model.parameters);
  const own = names.filter((name) => Object.hasOwn(arrays, name));
  const together = Object.keys(arrays).filter(
    (name) => THETA.includes(name.toLowerCase()) && !own.includes(name) && !(name in model.data),
  );
  const dataNames = Object.keys(model.data);
  const named = dataNames.filter((name) => Object.hasOwn(arrays, name));
  const [all] = together;
  if (together.length + (own.length > 0 ? 1 : 0) > 1) {
    throw new DataError(
      `the parameters are given twice, as ${[...own, ...together].join(", ")}: keep one of them`,
    );
  }
  const rest = Object.keys(arrays).filter(
    (name) => !own.includes(name) && !together.includes(name) && !named.includes(name),
  );
  const known = own.length > 0 || all !== undefined;
  if (!known && named.length < dataNames.length) return byFit(model, arrays, rest, onNote);
  return {
    parameters: known
      ? parametersOf(names, own, all, arrays)
      : onlyOne(rest, arrays, names, onNote),
    data: dataOf(dataNames, named, known ? rest : [], arrays, onNote),
  };
}

function parametersOf(
  names: readonly string[],
  own: readonly string[],
  all: string | undefined,
  arrays: Arrays,
): Arrays {
  if (all !== undefined) return { [ALL]: arrayOf(arrays, all) };
  const missing = names.find((name) => !own.includes(name));
  if (missing !== undefined) {
    throw new DataError(
      `the simulations lack the parameter "${missing}"; given: ${Object.keys(arrays).join(", ")}`,
    );
  }
  return pick(arrays, own);
}

/** Data by the model's names; where it has one array, perhaps under another. */
function dataOf(
  names: readonly string[],
  named: readonly string[],
  rest: readonly string[],
  arrays: Arrays,
  onNote: Note,
): Arrays {
  const missing = names.filter((name) => !named.includes(name));
  const [lacking] = missing;
  if (lacking === undefined) {
    noteUnused(rest, onNote);
    return pick(arrays, named);
  }
  const usual = rest.length === 1 ? rest : rest.filter((name) => DATA.includes(name.toLowerCase()));
  const [other] = usual;
  if (names.length === 1 && usual.length === 1 && other !== undefined) {
    onNote(`the array "${other}" is taken for the data "${lacking}"`);
    noteUnused(
      rest.filter((name) => name !== other),
      onNote,
    );
    return { [lacking]: arrayOf(arrays, other) };
  }
  throw new DataError(
    `the simulations lack the data "${lacking}"; given: ${Object.keys(arrays).join(", ")}`,
  );
}

/** Arrays that a model has no place for, which may have been meant for something. */
function noteUnused(names: readonly string[], onNote: Note): void {
  if (names.length === 0) return;
  onNote(
    `not used: ${names.map((name) => `"${name}"`).join(", ")}, which the model has neither as a parameter nor as data`,
  );
}

/** θ where one array has no name that says what it is, and the data have theirs. */
function onlyOne(
  rest: readonly string[],
  arrays: Arrays,
  names: readonly string[],
  onNote: Note,
): Arrays {
  const [other] = rest;
  if (rest.length === 1 && other !== undefined) {
    onNote(`the array "${other}" is taken for the parameters ${names.join(", ")}, in this order`);
    return { [ALL]: arrayOf(arrays, other) };
  }
  throw new DataError(
    `the simulations lack the parameters: give an array "theta", [n, p] in the order ${names.join(", ")}, or one for each by its name; given: ${Object.keys(arrays).join(", ")}`,
  );
}

/** θ and data where nothing has a name that says what it is, but only one of two can be which. */
function byFit(model: AnyModel, arrays: Arrays, rest: readonly string[], onNote: Note): Found {
  const [name, another] = Object.keys(model.data);
  const [a, b] = rest;
  if (rest.length !== 2 || a === undefined || b === undefined || name === undefined || another) {
    return { parameters: onlyOne([], arrays, Object.keys(model.parameters), onNote), data: {} };
  }
  const ways = [
    [a, b],
    [b, a],
  ].map(([theta = "", data = ""]) => ({
    theta,
    data,
    found: {
      parameters: { [ALL]: arrayOf(arrays, theta) },
      data: { [name]: arrayOf(arrays, data) },
    },
  }));
  const fitting = ways.filter(({ found }) => layoutsOf(model, found).length > 0);
  const [way] = fitting;
  if (fitting.length === 1 && way !== undefined) {
    onNote(
      `by their shapes, the array "${way.theta}" is taken for the parameters, and "${way.data}" for the data "${name}"`,
    );
    return way.found;
  }
  const shapes = rest.map((one) => `"${one}" [${arrayOf(arrays, one).shape.join(", ")}]`);
  throw new DataError(
    `of the arrays ${shapes.join(" and ")}, ${fitting.length > 1 ? "either" : "neither"} may be the ${model.parameterSize} parameter(s) of the model with the other its data "${name}": name them "theta" and "${name}"`,
  );
}

function pick(arrays: Arrays, names: readonly string[]): Arrays {
  return Object.fromEntries(names.map((name) => [name, arrayOf(arrays, name)]));
}

function arrayOf(arrays: Arrays, name: string): ArrayData {
  const array = arrays[name];
  if (array === undefined) throw new TypeError(`the array "${name}" is there`);
  return array;
}

/** Where simulations lie: along the first axis or along the last. */
type Axis = "first" | "last";

/** The axes of the parameters and of the data by which all have as many simulations. */
interface Layout {
  readonly parameters: Axis;
  readonly data: Axis;
}

const LAYOUTS: readonly Layout[] = [
  { parameters: "first", data: "first" },
  { parameters: "last", data: "last" },
  { parameters: "first", data: "last" },
  { parameters: "last", data: "first" },
];

/** Layouts that fit, but for those that say the same as one before: of arrays that have one axis. */
function layoutsOf(model: AnyModel, { parameters, data }: Found): readonly Layout[] {
  const distinct = new Set<string>();
  return LAYOUTS.filter((layout) => {
    const count = countAlong(parameterSpecs(model, parameters), parameters, layout.parameters);
    const fits =
      typeof count === "number" && count === countAlong(model.dataSpecs, data, layout.data);
    // One simulation lies along any axis.
    const key =
      count === 1
        ? "one"
        : [axes(parameters, layout.parameters), axes(data, layout.data)].join(";");
    if (!fits || distinct.has(key)) return false;
    distinct.add(key);
    return true;
  });
}

/** Where the simulations of arrays of several axes lie. */
function axes(arrays: Arrays, axis: Axis): string {
  return Object.values(arrays)
    .map(({ shape }) => (shape.length > 1 ? axis : "only"))
    .join();
}

/** How many simulations arrays hold along an axis, or why they do not fit. */
function countAlong(specs: DataSpec, arrays: Arrays, axis: Axis): number | DataError {
  try {
    return matchColumns(specs, moved(arrays, axis, shapeOnly)).data.size;
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

/** What parameters are like, as far as arrays of them go. */
function parameterSpecs(model: AnyModel, parameters: Arrays): DataSpec {
  if (Object.hasOwn(parameters, ALL)) return { [ALL]: [model.parameterSize] };
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [name, [...shape]]),
  );
}

/** Arrays with their simulations along the first axis. */
function moved(arrays: Arrays, axis: Axis, move: (array: ArrayData) => ArrayData): Arrays {
  if (axis === "first") return arrays;
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, move(array)]));
}

function shapeOnly({ shape, data }: ArrayData): ArrayData {
  return { shape: [...shape.slice(-1), ...shape.slice(0, -1)], data };
}

/** The last axis first. */
function lastToFirst({ shape, data }: ArrayData): ArrayData {
  const n = shape.at(-1) ?? 1;
  const size = data.length / n;
  const result = data.slice();
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < size; i++) result[row * size + i] = data[i * n + row] ?? 0;
  }
  return shapeOnly({ shape, data: result });
}

function alongFirst(
  model: AnyModel,
  found: Found,
  onNote: Note,
): { readonly parameters: DataSets; readonly data: DataSets } {
  const specs = parameterSpecs(model, found.parameters);
  const layouts = layoutsOf(model, found);
  const [layout] = layouts;
  if (layout === undefined) throw unfit(model, specs, found);
  if (layouts.length > 1) {
    throw new DataError(
      `it cannot be told along which axis the simulations lie: ${describe(found)}; save them along the first, with more or fewer of them than parameters and data`,
    );
  }
  if (layout.parameters === "last" || layout.data === "last") {
    const which =
      layout.parameters === layout.data
        ? "parameters and data"
        : layout.parameters === "last"
          ? "parameters"
          : "data";
    onNote(`the simulations are taken to lie along the last axis of the ${which}`);
  }
  return {
    parameters: matchColumns(specs, moved(found.parameters, layout.parameters, lastToFirst)).data,
    data: resized(
      matchColumns(model.dataSpecs, moved(found.data, layout.data, lastToFirst)).data,
      sizesOf(model.dataSpecs),
    ),
  };
}

function describe({ parameters, data }: Found): string {
  return Object.entries({ ...parameters, ...data })
    .map(
      ([name, { shape }]) =>
        `${name === ALL ? "the parameters are" : `"${name}"`} [${shape.join(", ")}]`,
    )
    .join(", ");
}

/** Why arrays do not fit, with their simulations along the first axis. */
function unfit(model: AnyModel, specs: DataSpec, found: Found): DataError {
  const parameters = countAlong(specs, found.parameters, "first");
  const data = countAlong(model.dataSpecs, found.data, "first");
  if (data instanceof DataError) return data;
  const expected = `the parameters ${model.parameterNames.join(", ")} must be [n, ${model.parameterSize}], or one array [n] for each`;
  const counted = typeof parameters === "number" ? `, with n = ${data} as the data` : "";
  return new DataError(`${expected}${counted}, but ${describe(found)}`);
}

/** θ of all simulations, [n, p]. */
function flatParameters(model: AnyModel, parameters: DataSets): Float64Array {
  const p = model.parameterSize;
  const shapes = Object.entries(parameters.specs).map(([name, { shape }]) => ({ name, shape }));
  const theta = unbatched(parameterSlots(shapes), parameters.columns);
  const bad = theta.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return theta;
  throw new DataError(
    `simulation ${Math.floor(bad / p)}: the parameter ${model.parameterNames[bad % p] ?? position(bad % p, [p])} is ${String(theta[bad])}; parameters must be finite numbers`,
  );
}

/** Simulations, and an account of those that cannot be used. */
function withoutInvalid(model: AnyModel, parameters: Float64Array, data: DataSets): SimulatedData {
  const p = model.parameterSize;
  const invalid: InvalidSimulation[] = [];
  const valid: number[] = [];
  for (let row = 0; row < data.size; row++) {
    const reason = findNonFinite(data, row);
    if (reason === undefined) valid.push(row);
    else {
      const theta = [...parameters.subarray(row * p, (row + 1) * p)];
      invalid.push({ index: row, parameters: theta, reason });
    }
  }
  return {
    size: valid.length,
    parameters: takeRows(parameters, p, valid),
    data: compact(invalid.length === 0 ? data : data.take(valid)).columns,
    indices: Float64Array.from(valid),
    invalid,
  };
}
