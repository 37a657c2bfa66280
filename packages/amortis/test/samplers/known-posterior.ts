/**
 * A posterior whose answer is known: its density with its gradient, and what `fixtures/known_posteriors_golden.py` says of it.
 */
import { readFileSync } from "node:fs";
import type { LogTarget, ValueAndGradient } from "../../src/extend.js";
import { intervalBijection, type Bijection } from "../../src/distributions/index.js";

/** What is known of a posterior. */
interface Known {
  readonly data: Readonly<Record<string, number | readonly number[]>>;
  readonly quantities: readonly Quantity[];
}

/** A mean that is known up to an error, of a quantity with a standard deviation. */
export interface Quantity {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
  readonly error: number;
}

/** A posterior with a known answer. */
export interface KnownPosterior {
  readonly name: string;
  readonly k: number;
  readonly bijection: Bijection;
  readonly target: LogTarget;
  /** Numbers of one draw that are known, in the order of `known`. */
  readonly of: (theta: Float64Array) => readonly number[];
  /** Each of these numbers, and its square. */
  readonly known: readonly { readonly plain: Quantity; readonly squared: Quantity }[];
}

/** log p at θ, whose gradient is written to its place. */
type Density = (theta: Float64Array, gradient: Float64Array) => number;

const golden = JSON.parse(
  readFileSync(new URL("../fixtures/known-posteriors-golden.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Known>>;

/** One of the file of answers, by its name. */
export function known(
  name: string,
  k: number,
  density: (numbers: (of: string) => Float64Array) => Density,
  options: Partial<Pick<KnownPosterior, "bijection" | "of">> = {},
): KnownPosterior {
  const { data, quantities } = golden[name] ?? { data: {}, quantities: [] };
  const logDensity = density((of) => Float64Array.from([data[of] ?? []].flat()));
  const [one, slope] = [new Float64Array(k), new Float64Array(k)];
  const valueAndGradient = (theta: Float64Array): ValueAndGradient => {
    const all = {
      value: new Float64Array(theta.length / k),
      gradient: new Float64Array(theta.length),
    };
    for (let i = 0; i < all.value.length; i++) {
      for (let j = 0; j < k; j++) one[j] = theta[i * k + j] ?? NaN;
      slope.fill(0);
      all.value[i] = logDensity(one, slope);
      all.gradient.set(slope, i * k);
    }
    return all;
  };
  return {
    name,
    k,
    target: {
      size: 1,
      dimension: k,
      valueAndGradient,
      logDensity: (theta) => valueAndGradient(theta).value,
    },
    bijection: intervalBijection(-Infinity, Infinity, k),
    of: (theta) => Array.from(theta),
    known: quantities.flatMap((plain) => {
      const squared = quantities.find(({ name: of }) => of === `${plain.name} squared`);
      return squared === undefined ? [] : [{ plain, squared }];
    }),
    ...options,
  };
}

/** NaN where there is none. */
export const at = (values: ArrayLike<number>, i: number): number => values[i] ?? NaN;

/** -½ ((x - m) / s)² with its derivative in x. */
export function pull(x: number, mean: number, sd: number): readonly [number, number] {
  const z = (x - mean) / sd;
  return [-0.5 * z * z, -z / sd];
}
