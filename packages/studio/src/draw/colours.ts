/**
 * Colours that people who see few colours can tell apart (Okabe & Ito 2008), as custom properties of the page: they differ between themes.
 */
import { interpolateCividis } from "d3-scale-chromatic";

export const POSTERIOR = "var(--posterior)";
export const PRIOR = "var(--prior)";
export const TRUTH = "var(--truth)";
export const FAINT = "var(--line)";
/** Of answers laid over, in turn; each has dashes of its own too. */
export const OVERLAYS = ["var(--overlay-1)", "var(--overlay-2)", "var(--overlay-3)"] as const;
export const DASHES = ["7,3", "2,3", "8,3,2,3"] as const;

const STEPS = 256;

/** Cividis in steps, [256, 3]: as different in grey as in colour. */
const table = Uint8ClampedArray.from(
  Array.from({ length: STEPS }, (_, i) =>
    [...interpolateCividis(i / (STEPS - 1)).matchAll(/\d+/g)].map(Number),
  ).flat(),
);

/** Paints values [rows × columns] into an image of as many pixels; NaN is left clear. */
export function paint(
  image: ImageData,
  values: ArrayLike<number>,
  [from, to]: readonly [number, number],
): void {
  const { data } = image;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) {
      data[4 * i + 3] = 0;
      continue;
    }
    const step = Math.round(Math.min(1, Math.max(0, (value - from) / (to - from))) * (STEPS - 1));
    data[4 * i] = table[3 * step] ?? 0;
    data[4 * i + 1] = table[3 * step + 1] ?? 0;
    data[4 * i + 2] = table[3 * step + 2] ?? 0;
    data[4 * i + 3] = 255;
  }
}
