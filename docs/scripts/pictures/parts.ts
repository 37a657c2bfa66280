/**
 * What several pictures are made of.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { modelPosterior, stream, type Posterior } from "amortis";
import {
  densityPanel,
  figure,
  kernelDensity,
  saveFigure,
  styles,
  palette,
  type FigureOptions,
  type LegendEntry,
  type Panel,
  type Style,
} from "amortis/figures";
import { line, LINE_TRUTH } from "./models.js";

/** Pixels of a panel, two of which are as wide as a page's text. */
export const SIZE = { width: 330, height: 250 } as const;

/** A second learned answer, beside `styles.approximate`. */
export const other: Style = { color: palette.vermillion, dash: "2,3", width: 2.2 };

export const learned: LegendEntry = { label: "learned", style: styles.approximate };
export const exact: LegendEntry = { label: "exact", style: styles.exact };
export const truth: LegendEntry = { label: "truth", style: styles.truth };

/** Training settings of all pictures, and the seed. */
export const TRAINING = { seed: 1, progress: false } as const;

/** The data set of the line that pictures show. */
export const lineData = { y: Array.from(line.packData(lineOutput()).y) };

function lineOutput(): { readonly y: readonly number[] } {
  const random = stream(5);
  const { slope, noise } = LINE_TRUTH;
  return { y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()) };
}

/** The exact posterior of the line. */
export async function exactLine(): Promise<Posterior<typeof line.parameters>> {
  const answered = await modelPosterior(line, lineData, { samples: 8_000 });
  return answered.at(0);
}

/** Draws of one parameter. */
export function column(
  posterior: { draws: ArrayLike<number>; parameterNames: readonly string[] },
  name: string,
): Float64Array {
  const p = posterior.parameterNames.length;
  const at = posterior.parameterNames.indexOf(name);
  return Float64Array.from(
    { length: posterior.draws.length / p },
    (_, i) => posterior.draws[i * p + at] ?? NaN,
  );
}

/** Densities of draws of one parameter. */
export function densities(
  label: string,
  [from, to]: readonly [number, number],
  curves: readonly { readonly draws: Float64Array; readonly style: Style }[],
  at?: number,
  bounds: { readonly lower?: number; readonly upper?: number } = {},
): Panel {
  const x = Float64Array.from({ length: 120 }, (_, i) => from + ((to - from) * i) / 119);
  return densityPanel({
    ...SIZE,
    label,
    domain: [from, to],
    curves: curves.map(({ draws, style }) => ({
      x,
      density: kernelDensity(draws, x, bounds),
      style,
    })),
    ...(at !== undefined && { truth: at }),
  });
}

/** Slope and noise of the line, of answers side by side. */
export function linePanels(
  answers: readonly {
    readonly posterior: Posterior<typeof line.parameters>;
    readonly style: Style;
  }[],
): readonly Panel[] {
  const of = (name: string) =>
    answers.map(({ posterior, style }) => ({ draws: column(posterior, name), style }));
  return [
    densities("slope", [-0.4, 1.8], of("slope"), LINE_TRUTH.slope),
    densities("noise", [0.2, 1.1], of("noise"), LINE_TRUTH.noise, { lower: 0, upper: 2 }),
  ];
}

/** Writes a picture beside the page that shows it. */
export async function save(name: string, options: FigureOptions): Promise<void> {
  const folder = fileURLToPath(new URL("../../methods/", import.meta.url));
  await mkdir(folder, { recursive: true });
  await saveFigure(`${folder}${name}.svg`, figure(options));
}
