/**
 * Models whose posteriors are known, with data of their own and of worlds that differ from them.
 */
import type { AnyModel, DataInput } from "amortis";
import { fields } from "./fields.js";
import { regression } from "./regression.js";
import type { Exact } from "./score.js";

/** Data sets with the exact posterior of each, under the model that was written. */
export interface World {
  readonly data: DataInput;
  readonly posteriors: readonly Exact[];
}

/** A model, and what data it is asked about. */
export interface Case {
  readonly name: string;
  readonly model: AnyModel;
  readonly worlds: Readonly<Record<string, (sets: number) => Promise<World>>>;
}

export const CASES: readonly Case[] = [
  regression("normal mean, 1 parameter", [[1], [1], [1], [1], [1]]),
  regression(
    "regression, 4 parameters",
    Array.from({ length: 10 }, (_, i) => {
      const x = (i - 4.5) / 3;
      return [1, x, x ** 2 - 0.9, Math.sin(2 * x)];
    }),
  ),
  fields(),
];
