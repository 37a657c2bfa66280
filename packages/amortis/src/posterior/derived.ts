/**
 * Posteriors of quantities that follow from the parameters: their draws are functions of draws.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import {
  flatNames,
  flatten,
  parameterSlots,
  unflatten,
  type Floats,
  type ParameterSlot,
} from "../data/layout.js";
import type { ParameterSpec, ValuesOf } from "../model/index.js";
import type { Drawn, PosteriorSource } from "./posterior-source.js";
import { Refusal } from "./refusal.js";

/** Quantities by name: numbers, or lists of them. */
export type Derived = Readonly<Record<string, number | ArrayLike<number>>>;

/** The parameters that such quantities would be of, for types: a number is a scalar, a list a vector. */
export type DerivedSpec<V> = {
  readonly [K in keyof V]: Distribution<V[K] extends number ? readonly [] : readonly [number]>;
};

/** From parameters by name to quantities by name; the same names and sizes each time. */
export type Derive<P = ParameterSpec, V extends Derived = Derived> = (values: ValuesOf<P>) => V;

/** Rows of flat parameters as rows of quantities that follow from them. */
export interface Derivation {
  /** Where each quantity lies in its row. */
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  /**
   * @param flat parameters [m, p].
   * @param isLeft rows that are left out, NaN.
   * @returns [m, q], of doubles where the parameters are.
   * @throws InvalidArgumentError where the function gives no numbers, or other names or sizes than before.
   */
  readonly rows: (flat: Floats, isLeft?: (row: number) => boolean) => Floats;
}

/**
 * @param slots of the parameters.
 * @param example a row of flat parameters, by which names and sizes are known.
 * @throws InvalidArgumentError where the function gives no numbers.
 */
export function derivation<P>(
  slots: readonly ParameterSlot[],
  derive: Derive<P>,
  example: Floats,
): Derivation {
  const p = slots.reduce((sum, { size }) => sum + size, 0);
  const at = (flat: Floats, row: number): Derived =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the slots are those of the parameters, which is what P names
    derive(unflatten(slots, flat.subarray(row * p, (row + 1) * p)) as ValuesOf<P>);
  const own = slotsOf(at(example, 0));
  const size = own.reduce((sum, slot) => sum + slot.size, 0);
  return {
    slots: own,
    flatNames: flatNames(own),
    rows: (flat, isLeft) => {
      const count = flat.length / p;
      // Of a date and a duration one may be on an offset: what follows from doubles is doubles.
      const values = flat instanceof Float64Array ? Float64Array : Float32Array;
      const result = new values(count * size).fill(Number.NaN);
      for (let row = 0; row < count; row++) {
        if (isLeft?.(row) === true) continue;
        result.set(flatten(own, requireNames(own, at(flat, row))), row * size);
      }
      return result;
    },
  };
}

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
  derive: Derive<P>,
): DerivedDraws {
  const p = source.flatNames.length;
  const first = drawn.answers.findIndex(({ status }) => status !== "refused");
  const example = drawn.draws.subarray(Math.max(0, first) * drawsEach * p);
  const { slots, flatNames: names, rows } = derivation(source.slots, derive, example);
  const mapped = ({ draws, answers }: Drawn, each: number): Drawn => ({
    draws: rows(draws, (row) => answers[Math.floor(row / each)]?.status === "refused"),
    answers,
  });
  const noDensity = (): Refusal =>
    new Refusal(
      "quantities that follow from parameters have draws, but no density: ask the posterior itself",
    );
  return {
    held: mapped(drawn, drawsEach),
    source: {
      slots,
      flatNames: names,
      size: source.size,
      draw: async (draws, seed, start, end) =>
        mapped(await source.draw(draws, seed, start, end), draws),
      withoutDensity: noDensity,
      logDensity: () => Promise.reject(noDensity()),
    },
  };
}

/**
 * The same function, which gives the parameters first, and then what it gives.
 *
 * @throws InvalidArgumentError where a quantity has the name of a parameter.
 */
export function beside<P>(slots: readonly ParameterSlot[], derive: Derive<P>): Derive<P> {
  return (values) => {
    const own = derive(values);
    requireOwnNames(
      Object.keys(own),
      slots.map(({ name }) => name),
    );
    return { ...values, ...own };
  };
}

/** @throws InvalidArgumentError where a quantity has the name of a parameter. */
export function requireOwnNames(names: readonly string[], parameters: readonly string[]): void {
  const taken = names.find((name) => parameters.includes(name));
  if (taken === undefined) return;
  throw new InvalidArgumentError(
    `a derived quantity has the name of a parameter, "${taken}": give it another`,
  );
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
