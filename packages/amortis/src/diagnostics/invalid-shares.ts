/**
 * Where in θ simulations are invalid.
 */
import type { SimulatedData } from "../simulation/index.js";

/** Shares along one flat parameter. */
export interface InvalidShares {
  readonly name: string;
  /** Bins of about equal numbers of simulations, from low to high. */
  readonly bins: readonly {
    readonly lower: number;
    readonly upper: number;
    readonly simulations: number;
    /** Of them, invalid. */
    readonly invalid: number;
  }[];
}

const BINS = 10;

/** Share of invalid simulations along each flat parameter. */
export function invalidByParameter(
  { size, parameters, invalid }: SimulatedData,
  names: readonly string[],
): readonly InvalidShares[] {
  const p = names.length;
  return names.map((name, k) => {
    const all = [
      ...Array.from({ length: size }, (_, i) => ({ value: parameters[i * p + k] ?? 0, bad: 0 })),
      ...invalid.map((one) => ({ value: one.parameters[k] ?? 0, bad: 1 })),
    ].toSorted((a, b) => a.value - b.value);
    const bins = Array.from({ length: BINS }, (_, i) =>
      all.slice(Math.round((i * all.length) / BINS), Math.round(((i + 1) * all.length) / BINS)),
    );
    return {
      name,
      bins: bins.flatMap((own) => {
        const [lowest, highest] = [own[0], own.at(-1)];
        if (lowest === undefined || highest === undefined) return [];
        return [
          {
            lower: lowest.value,
            upper: highest.value,
            simulations: own.length,
            invalid: own.reduce((count, { bad }) => count + bad, 0),
          },
        ];
      }),
    };
  });
}
