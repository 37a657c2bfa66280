/**
 * Posteriors of quantities that follow from the parameters: their draws are functions of draws.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import {
  flatNames,
  flatten,
  named,
  parameterSlots,
  type Floats,
  type ParameterSlot,
} from "../data/layout.js";
import type { ValuesOf } from "../model/index.js";
import type { Drawn, PosteriorSource } from "./posterior-source.js";
import { Refusal } from "./refusal.js";

/** Quantities by name: numbers, or lists of them. */
export type Derived = Readonly<Record<string, number | ArrayLike<number>>>;

/** The parameters that such quantities would be of, for types: a number is a scalar, a list a vector. */
export type DerivedSpec<V> = {
  readonly [K in keyof V]: Distribution<V[K] extends number ? readonly [] : readonly [number]>;
};

/** A source of derived quantities, and those of draws that are held. */
export interface DerivedDraws {
  readonly source: PosteriorSource;
  readonly held: Drawn;
}

/**
 * @param drawn the draws that are held, [data sets, drawsEach, p].
 * @throws InvalidArgumentError where the function gives no numbers, or other names or sizes than at the first draw.
 */
export function derivedSource<P>(
  source: PosteriorSource,
  drawn: Drawn,
  drawsEach: number,
  derive: (values: ValuesOf<P>) => Derived,
): DerivedDraws {
  const p = source.flatNames.length;
  const at = (draws: Floats, row: number): Derived => {
    const values = named(source.slots, (j) => draws[row * p + j] ?? Number.NaN);
    const typed = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Float64Array.from(value),
    ]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the slots are those of the parameters, which is what P names
    return derive(Object.fromEntries(typed) as ValuesOf<P>);
  };
  const first = drawn.answers.findIndex(({ status }) => status !== "refused");
  const slots = slotsOf(at(drawn.draws, Math.max(0, first) * drawsEach));
  const size = slots.reduce((sum, slot) => sum + slot.size, 0);
  const mapped = ({ draws, answers }: Drawn, each: number): Drawn => {
    // Of a date and a duration one may be on an offset: what follows from doubles is doubles.
    const values = draws instanceof Float64Array ? Float64Array : Float32Array;
    const result = new values(answers.length * each * size).fill(Number.NaN);
    for (let row = 0; row < answers.length * each; row++) {
      if (answers[Math.floor(row / each)]?.status === "refused") continue;
      result.set(flatten(slots, requireNames(slots, at(draws, row))), row * size);
    }
    return { draws: result, answers };
  };
  const noDensity = (): Refusal =>
    new Refusal(
      "quantities that follow from parameters have draws, but no density: ask the posterior itself",
    );
  return {
    held: mapped(drawn, drawsEach),
    source: {
      slots,
      flatNames: flatNames(slots),
      size: source.size,
      draw: async (draws, seed, start, end) =>
        mapped(await source.draw(draws, seed, start, end), draws),
      withoutDensity: noDensity,
      logDensity: () => Promise.reject(noDensity()),
    },
  };
}

function slotsOf(values: Derived): readonly ParameterSlot[] {
  const shapes = Object.entries(values).map(([name, value]) => {
    const list = typeof value === "number" ? [value] : value;
    if (!(typeof list === "object" && Array.from(list).every((x) => typeof x === "number"))) {
      throw new InvalidArgumentError(
        `map(θ => ...) must give numbers, or lists of them, by name, but "${name}" is ${JSON.stringify(value)}`,
      );
    }
    return { name, shape: typeof value === "number" ? [] : [list.length] };
  });
  if (shapes.length === 0) {
    throw new InvalidArgumentError("map(θ => ...) must give at least one quantity, but gave none");
  }
  return parameterSlots(shapes);
}

function requireNames(slots: readonly ParameterSlot[], values: Derived): Derived {
  const unknown = Object.keys(values).find((name) => !slots.some((slot) => slot.name === name));
  if (unknown === undefined) return values;
  throw new InvalidArgumentError(
    `map(θ => ...) gave "${unknown}", which it did not give for the first draw: it must give the same names each time, ${slots.map(({ name }) => name).join(", ")}`,
  );
}
