/**
 * Panels: single plots, as pieces of SVG of a known size, that figures are put together from.
 */

import type { KnownOptions } from "../known-options.js";

/** One plot of a figure. */
export interface Panel {
  readonly title?: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** SVG elements, to be put into a group. */
  readonly content: string;
}

/** Size and title of a panel. */
export interface PanelOptions {
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
}

/** What all panels take. */
export const PANEL_OPTIONS: KnownOptions<PanelOptions> = { title: true, width: true, height: true };

/** Size of the text in panels, in pixels. */
export const FONT_SIZE = 12;

/** Pixels above what is drawn: half a tick's label, and close to the panel's title. */
export const MARGIN_TOP = 8;

/**
 * Ends of an axis of which the midpoints of equal cells are given: half a cell beyond them.
 *
 * @example edgesOf([0.25, 0.75])   // [0, 1]
 */
export function edgesOf(midpoints: readonly number[]): readonly [number, number] {
  const [first = 0, second = 1] = midpoints;
  const half = (second - first) / 2;
  // Without what rounding leaves, which would push a tick off the axis.
  const plain = (value: number): number =>
    Math.abs(value) < 1e-6 * half ? 0 : Number(value.toPrecision(7));
  return [plain(first - half), plain((midpoints.at(-1) ?? 1) + half)];
}
