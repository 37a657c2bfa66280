/**
 * Series with gaps: the model, its exact posterior's likelihood, and draws of what is missing.
 */
import { defineModel, missing, series, uniform, type Stream } from "amortis";

/** Times of a series. */
export const TIMES = 24;

/** Which times are missing: a share of them at random, or in one block. */
function gaps(random: Stream, share: number, block: boolean): (t: number) => boolean {
  const count = Math.min(TIMES - 2, Math.round(share * TIMES));
  if (block) {
    const start = 1 + Math.floor((TIMES - 1 - count) * random.uniform());
    return (t) => t >= start && t < start + count;
  }
  const order = Array.from({ length: TIMES }, (_, t) => [random.uniform(), t] as const).toSorted(
    ([a], [b]) => a - b,
  );
  const gone = new Set(order.slice(0, count).map(([, t]) => t));
  return (t) => gone.has(t);
}

/** How much is missing, and whether in one block. */
export type Pattern = (random: Stream) => readonly [share: number, block: boolean];

/** y_t = φ y_(t-1) + √(1 - φ²) e_t. */
function drawn(phi: number, random: Stream): number[] {
  let value = random.normal();
  return Array.from({ length: TIMES }, (_, t) => {
    if (t > 0) value = phi * value + Math.sqrt(1 - phi ** 2) * random.normal();
    return value;
  });
}

/** Such a series, φ ~ U(0, 0.99), with gaps. */
export function autoregression(pattern: Pattern) {
  return defineModel({
    name: "autoregression",
    parameters: { phi: uniform(0, 0.99) },
    data: { y: missing(series(TIMES)) },
    simulate: ({ phi }, random) => {
      const gone = gaps(random, ...pattern(random));
      const y = drawn(phi, random);
      return { y: y.map((v, t) => (gone(t) ? Number.NaN : v)) };
    },
    // Of what is there: over k times y_t | y_s ~ N(φ^k y_s, 1 - φ^2k).
    logLikelihood: ({ phi }, { y }) => {
      let [total, last] = [0, -1];
      for (const [t, value] of Array.from(y).entries()) {
        if (Number.isNaN(value)) continue;
        if (last >= 0) {
          const slope = phi ** (t - last);
          const variance = 1 - slope ** 2;
          const left = value - slope * (y[last] ?? 0);
          total -= 0.5 * (Math.log(variance) + left ** 2 / variance);
        }
        last = t;
      }
      return total;
    },
  });
}

/** The same without gaps. */
export const complete = defineModel({
  name: "complete-autoregression",
  parameters: { phi: uniform(0, 0.99) },
  data: { y: series(TIMES) },
  simulate: ({ phi }, random) => ({ y: drawn(phi, random) }),
});

/** What is missing, NaN, drawn given what is there and φ: each value given the one before and the next that is there. */
export function filled(y: ArrayLike<number>, phi: number, random: Stream): readonly number[] {
  const all = Array.from(y);
  const next = all.map((_, t) => all.findIndex((value, s) => s > t && !Number.isNaN(value)));
  for (const [t, value] of all.entries()) {
    if (!Number.isNaN(value)) continue;
    // y_t given y_(t-1), if there is one; then y_s | y_t ~ N(φ^k y_t, 1 - φ^2k), k = s - t.
    let [mean, variance] = t === 0 ? [0, 1] : [phi * (all[t - 1] ?? 0), 1 - phi ** 2];
    const s = next[t] ?? -1;
    if (s > t) {
      const slope = phi ** (s - t);
      const gain = (variance * slope) / (slope ** 2 * variance + 1 - slope ** 2);
      mean += gain * ((all[s] ?? 0) - slope * mean);
      variance -= gain * slope * variance;
    }
    all[t] = mean + Math.sqrt(Math.max(0, variance)) * random.normal();
  }
  return all;
}
