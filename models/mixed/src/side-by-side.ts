/**
 * Proposals side by side: rows of several independent ones, one after another.
 */
import type { Stream } from "amortis";
import type { Proposals } from "./correction.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** Proposals of rows of so many coordinates. */
export interface SizedProposals extends Proposals {
  readonly size: number;
}

/** Rows of all parts, independent of each other. */
export function sideBySide(parts: readonly SizedProposals[]): SizedProposals {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const starts = parts.map((_, at) => parts.slice(0, at).reduce((sum, part) => sum + part.size, 0));
  return {
    size,
    draws: async (count) => {
      const all = await Promise.all(parts.map((part) => part.draws(count)));
      const n = (all[0]?.length ?? 0) / (parts[0]?.size ?? 1);
      const rows = new Float32Array(n * size);
      for (const [at, draws] of all.entries()) {
        const [own, start] = [parts[at]?.size ?? 1, starts[at] ?? 0];
        for (let i = 0; i < draws.length; i++)
          rows[Math.floor(i / own) * size + start + (i % own)] = draws[i] ?? 0;
      }
      return rows;
    },
    logDensity: async (z) => {
      const n = z.length / size;
      const total = new Float64Array(n);
      for (const [at, part] of parts.entries()) {
        const start = starts[at] ?? 0;
        const own = Float32Array.from(
          { length: n * part.size },
          (_, i) => z[Math.floor(i / part.size) * size + start + (i % part.size)] ?? 0,
        );
        const logs = await part.logDensity(own);
        for (let i = 0; i < n; i++) total[i] = (total[i] ?? 0) + (logs[i] ?? -Infinity);
      }
      return total;
    },
  };
}

/** Standard normal coordinates. */
export function standardNormal(size: number, random: Stream): SizedProposals {
  return {
    size,
    draws: (count) =>
      Promise.resolve(Float32Array.from({ length: count * size }, () => random.normal())),
    logDensity: (z) =>
      Promise.resolve(
        Float64Array.from({ length: z.length / size }, (_, row) => {
          let log = 0;
          for (let k = 0; k < size; k++) log -= 0.5 * ((z[row * size + k] ?? 0) ** 2 + LOG_2PI);
          return log;
        }),
      ),
  };
}
