/**
 * Recovery: what was answered against what was true, for many data sets.
 */
import * as Plot from "@observablehq/plot";
import { drawPanel, labelled } from "./draw.js";
import { styles } from "./palette.js";
import { MARGIN_TOP, PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** Answers about one parameter, [data sets] each. */
export interface RecoveryOptions extends PanelOptions {
  readonly truth: ArrayLike<number>;
  /** Posterior means, or other estimates. */
  readonly estimate: ArrayLike<number>;
  /** Ends of intervals. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  /** What the axes are called, units included. */
  readonly truthLabel?: string;
  readonly estimateLabel?: string;
  /** Both axes go from and to; by default as far as there is anything. */
  readonly domain?: readonly [number, number];
}

const KNOWN: KnownOptions<RecoveryOptions> = {
  ...PANEL_OPTIONS,
  truth: true,
  estimate: true,
  lower: true,
  upper: true,
  truthLabel: true,
  estimateLabel: true,
  domain: true,
};

/** Data sets from which on dots hide each other, and are drawn small and translucent. */
const MANY = 300;

/** Pixels below which a panel has room for fewer labels. */
const NARROW = 300;

interface Row {
  readonly truth: number;
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  readonly hit: boolean;
}

/**
 * Estimates and their intervals against the truth. An interval that misses its truth has another colour and a hollow diamond.
 *
 * @example recoveryPanel({ truth, estimate: posteriors.mean().range, truthLabel: "true range" })
 */
export function recoveryPanel(options: RecoveryOptions): Panel {
  requireKnown("recoveryPanel", options, KNOWN);
  const rows = rowsOf(options);
  const values = rows.flatMap(({ truth, lower, upper }) => [truth, lower, upper]);
  const domain = options.domain ?? [Math.min(...values), Math.max(...values)];
  const hits = rows.filter(({ hit }) => hit);
  const misses = rows.filter(({ hit }) => !hit);
  const { truthLabel = "truth", estimateLabel = "estimate" } = options;
  // Labels of more would run into one another.
  const ticks = (options.width ?? 480) < NARROW ? 4 : 7;
  const dots = rows.length > MANY ? { r: 1.8, fillOpacity: 0.4 } : { r: 2.8 };
  return drawPanel(options, {
    marginLeft: 52,
    marginTop: MARGIN_TOP,
    marginBottom: 42,
    x: labelled(truthLabel, { domain: [...domain], ticks }),
    y: labelled(estimateLabel, { domain: [...domain], ticks }),
    marks: [
      Plot.frame({ stroke: "#cccccc" }),
      Plot.ruleX(hits, {
        x: "truth",
        y1: "lower",
        y2: "upper",
        stroke: styles.hit.color,
        strokeOpacity: 0.45,
        strokeWidth: 1.5,
      }),
      Plot.dot(hits, { x: "truth", y: "estimate", fill: styles.hit.color, ...dots }),
      Plot.ruleX(misses, {
        x: "truth",
        y1: "lower",
        y2: "upper",
        stroke: styles.miss.color,
        strokeWidth: 2,
      }),
      Plot.dot(misses, {
        x: "truth",
        y: "estimate",
        symbol: "diamond",
        fill: "white",
        stroke: styles.miss.color,
        strokeWidth: 1.8,
        r: 4,
      }),
      Plot.line(
        [domain, domain].map(([from, to], i) => (i === 0 ? [from, from] : [to, to])),
        {
          stroke: styles.truth.color,
          strokeDasharray: styles.truth.dash,
        },
      ),
    ],
  });
}

function rowsOf({ truth, estimate, lower, upper }: RecoveryOptions): readonly Row[] {
  return Array.from({ length: truth.length }, (_, i) => {
    const theta = truth[i] ?? Number.NaN;
    const at = estimate[i] ?? Number.NaN;
    const [from, to] = [lower?.[i] ?? at, upper?.[i] ?? at];
    const hit = lower === undefined || upper === undefined || (theta >= from && theta <= to);
    return { truth: theta, estimate: at, lower: from, upper: to, hit };
  });
}
