/**
 * The picture of a model before training: its data under the prior, and where in θ simulations are invalid.
 */
import type { ArraySpec } from "../data/array-spec.js";
import type { Column } from "../data/data-sets.js";
import { sizeOf } from "../data/shape.js";
import type { ModelCheck } from "../diagnostics/check-model.js";
import type { InvalidShares } from "../diagnostics/invalid-shares.js";
import { quantileOf } from "../posterior/marginals.js";
import { curvesPanel, type Curve } from "./curves.js";
import { figure, type FigureRow } from "./figure.js";
import { gridPanel } from "./grid.js";
import { palette, styles } from "./palette.js";
import type { Panel } from "./panel.js";

const SIZE = { width: 300, height: 230 } as const;
const FIELD = { width: 150, height: 150 } as const;

/** Fields of a grid, and data sets drawn as curves. */
const EXAMPLES = 4;

/** Panels side by side. */
const ACROSS = 3;

/** Channels of one array, and parameters, that are drawn. */
const MOST = 6;

/** Dots of a scatter plot. */
const DOTS = 600;

const FIFTY = { color: palette.blue } as const;
const NINETY = { color: palette.sky } as const;

/**
 * Data under the prior. Of fields some draws; of series and vectors the bands that hold 50 and 90 % of each number, with some draws; of sets all elements
 * in the place of one; of single numbers their value by the parameters. Below, where there are any, the share of invalid simulations by each parameter.
 *
 * @returns SVG, for Node and pages alike.
 * @example await saveFigure("check.svg", modelCheckFigure(await checkModel(field)));
 */
export function modelCheckFigure(check: ModelCheck): string {
  const { model, simulations, invalid, specs, problems } = check;
  const rows: FigureRow[] = Object.entries(specs).flatMap(([name, spec]) =>
    rowsOf(`${name} under the prior`, panelsOf(name, spec, check)),
  );
  if (invalid.count > 0) {
    const panels = invalid.byParameter.slice(0, MOST).map(invalidPanel);
    rows.push(...rowsOf("where simulations are invalid", panels));
  }
  const found = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return figure({
    title: `${model} before training: ${problems.length === 0 ? "no problem" : found} found`,
    subtitle: `${simulations} simulations, ${invalid.count} of them invalid; bands hold 50 and 90 % of the draws`,
    rows,
  });
}

function rowsOf(title: string, panels: readonly Panel[]): readonly FigureRow[] {
  const across = panels[0]?.width === FIELD.width ? EXAMPLES : ACROSS;
  return Array.from({ length: Math.ceil(panels.length / across) }, (_, i) => ({
    ...(i === 0 && { title }),
    panels: panels.slice(i * across, (i + 1) * across),
  }));
}

function panelsOf(name: string, spec: ArraySpec, check: ModelCheck): readonly Panel[] {
  const column = check.simulated.data[name] ?? new Float32Array();
  const { shape, kind, channels } = spec;
  if (sizeOf(shape) === 1) return scatterPanels(name, column, check);
  if (isField(spec)) return fieldPanels(column, spec);
  const count = channels ? (shape.at(-1) ?? 1) : 1;
  return Array.from({ length: Math.min(count, MOST) }, (_, channel) => {
    const title = count === 1 ? name : `${name}, ${channel + 1} of ${count}`;
    return kind === "set"
      ? elementsPanel(title, column, count, channel)
      : bandsPanel(title, column, sizeOf(shape), count, channel);
  });
}

function isField({ shape, kind }: ArraySpec): boolean {
  if (kind === "grid") return true;
  const [height = 0, width = 0] = shape;
  return kind === "array" && shape.length === 2 && Math.min(height, width) >= 4;
}

/** Some draws of a field, its first channel. */
function fieldPanels(column: Column, { shape, channels }: ArraySpec): readonly Panel[] {
  const [, columns = 1, inner = 1] = shape;
  const step = channels ? inner : 1;
  const width = sizeOf(shape);
  const sorted = presentIn(column.subarray(0, 200 * width));
  const domain = [quantileOf(sorted, 0.01), quantileOf(sorted, 0.99)] as const;
  return Array.from({ length: Math.min(EXAMPLES, column.length / width) }, (_, i) =>
    gridPanel({
      values: column.subarray(i * width, (i + 1) * width).filter((__, at) => at % step === 0),
      columns,
      domain,
      ...FIELD,
    }),
  );
}

/** What each number is under the prior: bands, and some draws. */
function bandsPanel(
  title: string,
  column: Column,
  width: number,
  step: number,
  channel: number,
): Panel {
  const length = width / step;
  const places = Array.from({ length }, (_, i) => i);
  const sorted = places.map((i) =>
    presentIn(
      Float64Array.from(
        { length: column.length / width },
        (_, row) => column[row * width + i * step + channel] ?? Number.NaN,
      ),
    ),
  );
  const at = (level: number): number[] => sorted.map((values) => quantileOf(values, level));
  const drawn = Math.min(EXAMPLES, column.length / width);
  const draws = Array.from({ length: drawn }, (_, row): Curve => ({
    x: places,
    y: places.map((i) => column[row * width + i * step + channel] ?? Number.NaN),
    style: { color: palette.grey, width: 0.8 },
  }));
  return curvesPanel({
    title,
    ...SIZE,
    bands: [
      { x: places, lower: at(0.05), upper: at(0.95), style: NINETY },
      { x: places, lower: at(0.25), upper: at(0.75), style: FIFTY },
    ],
    curves: [...draws, { x: places, y: at(0.5), style: styles.approximate }],
    xLabel: "place",
    yLabel: "value",
  });
}

/** Elements of all sets: their distribution function. */
function elementsPanel(title: string, column: Column, step: number, channel: number): Panel {
  const sorted = presentIn(column.filter((_, at) => at % step === channel));
  const levels = Array.from({ length: 101 }, (_, i) => i / 100);
  return curvesPanel({
    title,
    ...SIZE,
    curves: [
      {
        x: levels.map((level) => quantileOf(sorted, level)),
        y: levels,
        style: styles.approximate,
      },
    ],
    xLabel: "value of an element",
    yLabel: "share below",
    yDomain: [0, 1],
  });
}

/** A single number by each parameter. */
function scatterPanels(name: string, column: Column, check: ModelCheck): readonly Panel[] {
  const { parameterNames, simulated } = check;
  const p = parameterNames.length;
  const size = Math.min(DOTS, simulated.size);
  return parameterNames.slice(0, MOST).map((parameter, k) =>
    curvesPanel({
      title: `${name} by ${parameter}`,
      ...SIZE,
      curves: [
        {
          x: Float64Array.from({ length: size }, (_, i) => simulated.parameters[i * p + k] ?? 0),
          y: column.subarray(0, size),
          style: styles.approximate,
          points: true,
          opacity: 0.4,
        },
      ],
      xLabel: parameter,
      yLabel: name,
    }),
  );
}

function invalidPanel({ name, bins }: InvalidShares): Panel {
  return curvesPanel({
    title: name,
    ...SIZE,
    curves: [
      {
        x: bins.map(({ lower, upper }) => (lower + upper) / 2),
        y: bins.map(({ simulations, invalid }) => invalid / simulations),
        style: styles.miss,
      },
    ],
    xLabel: name,
    yLabel: "share that is invalid",
    yDomain: [0, 1],
  });
}

/** Values that are there, sorted. */
function presentIn(values: Column): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .toSorted();
}
