/**
 * Colours that people who see few colours can tell apart (Okabe & Ito 2008); figures never rely on colour alone.
 */
export const palette = {
  black: "#000000",
  orange: "#E69F00",
  sky: "#56B4E9",
  green: "#009E73",
  yellow: "#F0E442",
  blue: "#0072B2",
  vermillion: "#D55E00",
  purple: "#CC79A7",
  grey: "#777777",
} as const;

/** How one thing is drawn, wherever it appears in a figure. */
export interface Style {
  readonly color: string;
  /** Lengths of dashes and gaps, in pixels; a solid line where there is none. */
  readonly dash?: string;
  readonly width?: number;
}

/** The same things look the same in all figures. */
export const styles = {
  approximate: { color: palette.blue, width: 2.2 },
  exact: { color: palette.orange, dash: "6,3", width: 2.2 },
  truth: { color: palette.black, dash: "2,2", width: 1.5 },
  hit: { color: palette.blue },
  miss: { color: palette.vermillion },
} as const satisfies Readonly<Record<string, Style>>;
