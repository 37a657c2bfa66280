/**
 * Hierarchies: groups within groups, each with parameters of its own.
 *
 *     φ ~ p(φ),   θ_j ~ p(θ_j | φ),   Z_j ~ p(Z_j | θ_j, φ),   j = 1 ... J,
 *
 * and so on within each group, where there are more levels. A hierarchy is a model like others: of the globals φ and of the locals θ_1 of the first group of each level, whose
 * data are those of all groups. Groups are exchangeable, so that what is learned of the first is true of all.
 */
import { specsOf, type ArraySpecs, type DataSpec } from "../data/array-spec.js";
import { DataSets, type Column } from "../data/data-sets.js";
import { nestedSpecs } from "../data/nested-specs.js";
import { sizeOf } from "../data/shape.js";
import { isPromise, writeData } from "../data/simulator-output.js";
import { sampleGiven } from "../distributions/index.js";
import type { Stream } from "../random/index.js";
import type {
  Hierarchy,
  HierarchyDefinition,
  HierarchyParameters,
  Level,
  Levels,
} from "./hierarchy-types.js";
import { drawSizes, largestSizes, type SizeSpec } from "./sizes.js";
import type { ModelDefinition, ParameterSpec, Simulated, SimulatorOutput } from "./types.js";
import { ModelError, validateDefinition } from "./validate.js";

/** A definition of a hierarchy, whatever its names. */
type AnyDefinition = HierarchyDefinition<ParameterSpec, Levels, DataSpec>;

/**
 * A hierarchy as the definition of a model: its globals and the locals of the first group of each level, and the data of all groups.
 *
 * @throws ModelError where there is no level, a name is that of something else, or a number of groups is no prior of whole numbers from 1 on.
 */
export function flattened<
  P extends ParameterSpec,
  G extends Levels,
  D extends DataSpec,
  S extends SizeSpec,
>(
  definition: HierarchyDefinition<P, G, D, S>,
): {
  readonly definition: ModelDefinition<HierarchyParameters<P, G>, D>;
  readonly hierarchy: Hierarchy;
} {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same without its names, by which what follows goes
  const {
    name,
    parameters,
    groups,
    data,
    sizes = {},
    simulate,
    ...rest
  } = definition as unknown as AnyDefinition;
  const levels = Object.entries(groups);
  requireLevels(name, parameters, levels, { ...data, ...sizes });
  const all = Object.assign({}, parameters, ...levels.map(([, level]) => level.parameters));
  validateDefinition({ ...rest, name, parameters: all, data, sizes, simulate });
  if (typeof simulate !== "function") {
    throw new ModelError(
      `the model "${name}" has groups, which a function simulates, one at a time: let it ask the program`,
    );
  }
  if ("precompute" in rest) {
    throw new ModelError(
      `the model "${name}" has groups, and precompute is of models without: compute it in simulate`,
    );
  }
  const innermost = Object.freeze(specsOf(data, largestSizes(sizes)));
  const counts = levels.map(([level, { count }]) => [level, mostOf(count)] as const);
  const [outermost] = levels;
  const flat: ModelDefinition<ParameterSpec, DataSpec> = {
    ...rest,
    name,
    parameters: all,
    data: nestedSpecs(innermost, counts),
    sizes: outermost === undefined ? {} : { [outermost[0]]: outermost[1].count },
    simulate: simulateAll({ levels, counts, innermost, sizes, simulate }),
  };
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its names are those of the definition
    definition: flat as unknown as ModelDefinition<HierarchyParameters<P, G>, D>,
    hierarchy: Object.freeze({
      globals: Object.keys(parameters),
      levels: levels.map(([level, { parameters: own, count }]) => ({
        name: level,
        parameters: Object.keys(own),
        most: mostOf(count),
      })),
      innermost,
    }),
  };
}

function requireLevels(
  name: string,
  globals: ParameterSpec,
  levels: readonly (readonly [string, Level])[],
  others: object,
): void {
  const what = `the model "${name}"`;
  if (levels.length === 0) {
    throw new ModelError(
      `${what} has no level of groups: name one or more, as in groups: { school: { count: discreteUniform(2, 20), parameters: { ... } } }`,
    );
  }
  const taken = new Set([...Object.keys(globals), ...Object.keys(others), "groups"]);
  for (const [level, { count, parameters }] of levels) {
    const names = [level, ...Object.keys(parameters)];
    const twice = names.find((one) => taken.has(one));
    if (twice !== undefined) {
      throw new ModelError(
        `${what} has the name "${twice}" twice: levels, their parameters, data and sizes need names of their own`,
      );
    }
    for (const one of names) taken.add(one);
    if (names.length === 1) {
      throw new ModelError(
        `${what}: the groups of the level "${level}" have no parameters of their own: give them some, or leave the level out`,
      );
    }
    const least = Math.min(...(count.support.values?.[0] ?? [Number.NaN]));
    if (!(least >= 1)) {
      throw new ModelError(
        `${what}: the count of the level "${level}" must be a prior of whole numbers from 1 on, such as discreteLogUniform(2, 50)`,
      );
    }
  }
}

/** How many groups there are at most. */
function mostOf({ support }: Level["count"]): number {
  return Math.max(...(support.values?.[0] ?? [1]));
}

/** What all groups are simulated by. */
interface Groups {
  readonly levels: readonly (readonly [string, Level])[];
  readonly counts: readonly (readonly [string, number])[];
  readonly innermost: ArraySpecs;
  readonly sizes: SizeSpec;
  readonly simulate: AnyDefinition["simulate"];
}

/** Parameters by name while groups are drawn. */
type Drawn = Readonly<Record<string, number | Float64Array>>;

/** An innermost group: its place among all that there is room for, and its data, or a promise of them. */
interface Unit {
  readonly place: number;
  readonly output: Simulated<DataSpec>;
}

/** The simulator of all groups of a data set, given the globals, the locals of each first group, and how many groups there are of the outermost level. */
function simulateAll(groups: Groups): AnyDefinition["simulate"] {
  const { levels, counts, sizes, simulate } = groups;
  const own = levels.map(([, { parameters }]) => Object.keys(parameters));

  function* unitsIn(
    depth: number,
    above: Drawn,
    first: Drawn | undefined,
    path: { readonly place: number; readonly random: Stream; readonly count: number },
  ): Generator<Unit, void> {
    const level = levels[depth];
    if (level === undefined) {
      const random = path.random.split("data");
      yield { place: path.place, output: simulate(above, random, drawSizes(sizes, random)) };
      return;
    }
    const next = levels[depth + 1]?.[1].count;
    for (let i = 0; i < path.count; i++) {
      const random = path.random.split(i);
      const isFirst = first !== undefined && i === 0;
      const locals = isFirst ? pick(first, own[depth] ?? []) : drawLocals(level[1], above, random);
      const within = path.place + i * roomBelow(counts, depth);
      const count = next?.sample(random.split("count"))[0] ?? 1;
      yield* unitsIn(depth + 1, { ...above, ...locals }, isFirst ? first : undefined, {
        place: within,
        random: random.split("within"),
        count,
      });
    }
  }

  return (values, random, given) => {
    const [outermost] = levels;
    const count = given[outermost?.[0] ?? ""] ?? 1;
    const globals = Object.fromEntries(
      Object.entries(values).filter(([name]) => !own.some((names) => names.includes(name))),
    );
    const units = [...unitsIn(0, globals, values, { place: 0, random, count })];
    const pack = (outputs: readonly SimulatorOutput<DataSpec>[]): SimulatorOutput<DataSpec> =>
      packed(groups, units, outputs, count);
    const now: SimulatorOutput<DataSpec>[] = [];
    for (const { output } of units) {
      if (isPromise(output)) return awaited(units).then(pack);
      now.push(output);
    }
    return pack(now);
  };
}

async function awaited(units: readonly Unit[]): Promise<readonly SimulatorOutput<DataSpec>[]> {
  return Promise.all(units.map(async ({ output }) => output));
}

/** Innermost groups that there is room for in one group of a level. */
function roomBelow(counts: Groups["counts"], depth: number): number {
  return sizeOf(counts.slice(depth + 1).map(([, most]) => most));
}

function pick(values: Drawn, names: readonly string[]): Drawn {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** The parameters of a group, each given those above it and those before it. */
function drawLocals({ parameters }: Level, above: Drawn, random: Stream): Drawn {
  const known: Record<string, number | Float64Array> = { ...above };
  const locals: Record<string, number | Float64Array> = {};
  const valueOf = (name: string, at: number): number => {
    const value = known[name];
    return (typeof value === "number" ? value : value?.[at]) ?? Number.NaN;
  };
  for (const [name, prior] of Object.entries(parameters)) {
    const drawn = sampleGiven(name, prior, random.split(name), valueOf);
    const value = prior.shape.length === 0 ? (drawn[0] ?? Number.NaN) : drawn;
    known[name] = value;
    locals[name] = value;
  }
  return locals;
}

/** The data of all groups, each in its place; NaN where there is none. */
function packed(
  { innermost, counts }: Groups,
  units: readonly Unit[],
  outputs: readonly SimulatorOutput<DataSpec>[],
  count: number,
): SimulatorOutput<DataSpec> {
  const one = DataSets.allocate(innermost, 1);
  const room = count * roomBelow(counts, 0);
  const all: Record<string, Column> = Object.fromEntries(
    Object.entries(innermost).map(([name, { shape }]) => [
      name,
      new Float64Array(room * sizeOf(shape)).fill(Number.NaN),
    ]),
  );
  for (const [i, { place }] of units.entries()) {
    writeData(one, outputs[i], 0);
    for (const [name, column] of Object.entries(one.columns)) {
      all[name]?.set(column, place * column.length);
    }
  }
  return all;
}
